// Keys: the log's is the note package's own, a witness's is of type 0x04, which that does not know.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// cosigner verifies cosignature/v1: eight bytes of time, then Ed25519 over a header and the body.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	if time > 1<<63-1 {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

// newCosigner reads `name+hash+base64(0x04 || key)`.
func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 || parts[0] == "" || len(parts[1]) != 8 {
		return nil, fmt.Errorf("`%s` is no key", vkey)
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return nil, fmt.Errorf("`%s` has no key hash", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 0x04 {
		return nil, fmt.Errorf("`%s` is no witness's key of type 0x04", vkey)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if binary.BigEndian.Uint32(sum[:]) != uint32(hash) {
		return nil, fmt.Errorf("the hash of `%s` is not of this key", vkey)
	}
	return &cosigner{parts[0], uint32(hash), ed25519.PublicKey(key[1:])}, nil
}

// trust is whose signatures count.
type trust struct {
	log       note.Verifier
	witnesses []note.Verifier
	quorum    int
}

func newTrust(log string, witnesses []string, quorum int) (*trust, error) {
	verifier, err := note.NewVerifier(log)
	if err != nil {
		return nil, fmt.Errorf("`%s` is no log's key: %v", log, err)
	}
	if quorum > len(witnesses) {
		return nil, fmt.Errorf("%d witnesses cannot make a quorum of %d", len(witnesses), quorum)
	}
	t := &trust{log: verifier, quorum: quorum}
	for _, vkey := range witnesses {
		witness, err := newCosigner(vkey)
		if err != nil {
			return nil, err
		}
		t.witnesses = append(t.witnesses, witness)
	}
	return t, nil
}
