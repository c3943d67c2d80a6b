// Proof files (tlog-proof): one entry, its path to the root, the checkpoint.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

func verifyProof(trust *trust, path, entryPath string) (string, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	entry, err := os.ReadFile(entryPath)
	if err != nil {
		return "", err
	}
	head, signed, found := bytes.Cut(file, []byte("\n\n"))
	if !found {
		return "", fmt.Errorf("proof: no empty line before the checkpoint")
	}
	index, proof, err := parseProof(strings.Split(string(head), "\n"))
	if err != nil {
		return "", err
	}
	checkpoint, err := trust.open(signed)
	if err != nil {
		return "", err
	}
	if checkpoint.cosigned < trust.quorum {
		return "", fmt.Errorf("%d of %d witnesses cosigned", checkpoint.cosigned, trust.quorum)
	}
	leaf := tlog.RecordHash(entry)
	if err := tlog.CheckRecord(proof, checkpoint.size, checkpoint.root, index, leaf); err != nil {
		return "", fmt.Errorf("entry %d: %v", index, err)
	}
	return fmt.Sprintf("entry %d of %d, %d cosigned", index, checkpoint.size, checkpoint.cosigned), nil
}

func parseProof(lines []string) (int64, tlog.RecordProof, error) {
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return 0, nil, fmt.Errorf("proof: `%s` is another format", lines[0])
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return 0, nil, fmt.Errorf("proof: no index")
	}
	text := strings.TrimPrefix(lines[0], "index ")
	index, err := strconv.ParseInt(text, 10, 64)
	if err != nil || index < 0 || strconv.FormatInt(index, 10) != text {
		return 0, nil, fmt.Errorf("proof: `%s` is no index", text)
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := parseHash(line)
		if err != nil {
			return 0, nil, fmt.Errorf("proof: %v", err)
		}
		proof = append(proof, hash)
	}
	return index, proof, nil
}
