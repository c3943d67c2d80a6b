// A log directory: every entry hashed again, every tile compared, the root computed.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

// tree holds the hashes that follow from the entries, in the order of tlog.StoredHashIndex. It never
// reads a tile: what it says can be compared with the tiles.
type tree struct {
	size   int64
	hashes []tlog.Hash
}

func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	read := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("no hash %d in a tree of %d", index, t.size)
		}
		read[i] = t.hashes[index]
	}
	return read, nil
}

func (t *tree) add(entry []byte) error {
	hashes, err := tlog.StoredHashes(t.size, entry, t)
	if err != nil {
		return err
	}
	t.hashes = append(t.hashes, hashes...)
	t.size++
	return nil
}

func (t *tree) root(size int64) (tlog.Hash, error) {
	if size == 0 {
		return tlog.Hash(sha256.Sum256(nil)), nil
	}
	return tlog.TreeHash(size, t)
}

func verifyLog(trust *trust, directory string, from []string) (string, error) {
	latest, err := trust.read(filepath.Join(directory, "checkpoint"))
	if err != nil {
		return "", err
	}
	tree, err := readEntries(directory, latest.size)
	if err != nil {
		return "", err
	}
	root, err := tree.root(latest.size)
	if err != nil {
		return "", err
	}
	if root != latest.root {
		return "", fmt.Errorf("the entries have the root %v, the checkpoint says %v", root, latest.root)
	}
	if err := compareTiles(tree, directory); err != nil {
		return "", err
	}
	if err := checkEntries(tree, latest); err != nil {
		return "", err
	}
	if err := checkWitnessed(trust, directory, tree, latest); err != nil {
		return "", err
	}
	for _, path := range from {
		older, err := trust.read(path)
		if err != nil {
			return "", fmt.Errorf("%s: %v", path, err)
		}
		if err := checkExtends(tree, older, latest); err != nil {
			return "", fmt.Errorf("%s: %v", path, err)
		}
	}
	return fmt.Sprintf("%d entries, root %v, %d cosigned", latest.size, root, latest.cosigned), nil
}

func (t *trust) read(path string) (*checkpoint, error) {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return t.open(bytes)
}

// checkWitnessed: enough witnesses cosigned the latest checkpoint, or the one beside it, which the
// log then extends.
func checkWitnessed(trust *trust, directory string, tree *tree, latest *checkpoint) error {
	if latest.cosigned >= trust.quorum {
		return nil
	}
	witnessed, err := trust.read(filepath.Join(directory, "checkpoint.witnessed"))
	if err != nil {
		return fmt.Errorf("%d of %d witnesses cosigned; %v", latest.cosigned, trust.quorum, err)
	}
	if witnessed.cosigned < trust.quorum {
		return fmt.Errorf("%d of %d witnesses cosigned", witnessed.cosigned, trust.quorum)
	}
	return checkExtends(tree, witnessed, latest)
}

func checkExtends(tree *tree, older, latest *checkpoint) error {
	switch {
	case older.size > latest.size:
		return fmt.Errorf("inconsistent: the log had %d entries and has %d", older.size, latest.size)
	case older.size == latest.size && older.root != latest.root:
		return fmt.Errorf("inconsistent: two roots of size %d, %v and %v", older.size, older.root, latest.root)
	case older.size == latest.size:
		return nil
	case older.size == 0:
		if root, _ := tree.root(0); older.root != root {
			return fmt.Errorf("inconsistent: an empty tree has the root %v, not %v", root, older.root)
		}
		return nil
	}
	proof, err := tlog.ProveTree(latest.size, older.size, tree)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, latest.size, latest.root, older.size, older.root); err != nil {
		return fmt.Errorf("inconsistent: sizes %d and %d: %v", older.size, latest.size, err)
	}
	return nil
}

func readEntries(directory string, size int64) (*tree, error) {
	tree := &tree{}
	for tree.size < size {
		width := size - tree.size
		if width > 256 {
			width = 256
		}
		path := "tile/entries/" + indexPath(tree.size/256)
		bundle, isFull, err := readPartial(directory, path, width)
		if err != nil {
			return nil, err
		}
		for i := int64(0); i < width; i++ {
			if len(bundle) < 2 {
				return nil, fmt.Errorf("%s: ends before entry %d", path, tree.size)
			}
			length := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+length {
				return nil, fmt.Errorf("%s: entry %d is cut", path, tree.size)
			}
			if err := tree.add(bundle[2 : 2+length]); err != nil {
				return nil, err
			}
			bundle = bundle[2+length:]
		}
		if len(bundle) > 0 && !(isFull && width < 256) {
			return nil, fmt.Errorf("%s: bytes follow its last entry", path)
		}
	}
	return tree, nil
}

// compareTiles compares every byte of every tile, which a reader of single hashes would not see.
func compareTiles(tree *tree, directory string) error {
	for level := 0; ; level++ {
		count := tree.size >> (8 * level)
		if count == 0 {
			return nil
		}
		for n := int64(0); n*256 < count; n++ {
			width := count - n*256
			if width > 256 {
				width = 256
			}
			path := fmt.Sprintf("tile/%d/%s", level, indexPath(n))
			stored, isFull, err := readPartial(directory, path, width)
			if err != nil {
				return err
			}
			if isFull && len(stored) != 256*tlog.HashSize {
				return fmt.Errorf("%s: %d bytes are no full tile", path, len(stored))
			}
			if isFull {
				stored = stored[:width*tlog.HashSize]
			}
			tile := tlog.Tile{H: 8, L: level, N: n, W: int(width)}
			computed, err := tlog.ReadTileData(tile, tree)
			if err != nil {
				return err
			}
			if !bytes.Equal(stored, computed) {
				return fmt.Errorf("%s: not the hashes of the entries", path)
			}
		}
	}
}

// checkEntries proves entries one by one, as somebody who has a single entry would: all of a small
// log, about a thousand of a large one.
func checkEntries(tree *tree, latest *checkpoint) error {
	stride := latest.size/1000 + 1
	for index := int64(0); index < latest.size; index += stride {
		proof, err := tlog.ProveRecord(latest.size, index, tree)
		if err != nil {
			return err
		}
		leaf := tree.hashes[tlog.StoredHashIndex(0, index)]
		if err := tlog.CheckRecord(proof, latest.size, latest.root, index, leaf); err != nil {
			return fmt.Errorf("entry %d: %v", index, err)
		}
	}
	return nil
}

// readPartial reads a full object, or a partial one, in whose place the full one may stand later.
func readPartial(directory, path string, width int64) (bytes []byte, isFull bool, err error) {
	if width < 256 {
		partial := fmt.Sprintf("%s.p/%d", path, width)
		bytes, err = os.ReadFile(filepath.Join(directory, partial))
		if err == nil || !os.IsNotExist(err) {
			return bytes, false, err
		}
	}
	bytes, err = os.ReadFile(filepath.Join(directory, path))
	return bytes, true, err
}

// indexPath writes 1234067 as x001/x234/067.
func indexPath(n int64) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	return path
}
