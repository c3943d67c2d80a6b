// Checkpoints: origin, size, root, and who signed.
package main

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type checkpoint struct {
	size int64
	root tlog.Hash
	// How many of the trusted witnesses cosigned.
	cosigned int
}

// open verifies the log's signature and every cosignature of a trusted witness.
func (t *trust) open(bytes []byte) (*checkpoint, error) {
	known := note.VerifierList(append([]note.Verifier{t.log}, t.witnesses...)...)
	opened, err := note.Open(bytes, known)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %v", err)
	}
	read, err := parseCheckpoint(opened.Text, t.log.Name())
	if err != nil {
		return nil, err
	}
	signedBy := func(v note.Verifier) bool {
		for _, s := range opened.Sigs {
			if s.Name == v.Name() && s.Hash == v.KeyHash() {
				return true
			}
		}
		return false
	}
	if !signedBy(t.log) {
		return nil, fmt.Errorf("checkpoint: not signed by the log %s", t.log.Name())
	}
	for _, witness := range t.witnesses {
		if signedBy(witness) {
			read.cosigned++
		}
	}
	return read, nil
}

func parseCheckpoint(text, origin string) (*checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 {
		return nil, fmt.Errorf("checkpoint: fewer than three lines")
	}
	if lines[0] != origin {
		return nil, fmt.Errorf("checkpoint: of `%s`, not of `%s`", lines[0], origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return nil, fmt.Errorf("checkpoint: `%s` is no size", lines[1])
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %v", err)
	}
	return &checkpoint{size: size, root: root}, nil
}

func parseHash(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(bytes) != tlog.HashSize || base64.StdEncoding.EncodeToString(bytes) != text {
		return hash, fmt.Errorf("`%s` is no hash", text)
	}
	copy(hash[:], bytes)
	return hash, nil
}
