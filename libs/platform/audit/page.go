package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Stream is the stream of pages in the account of every service, subjects the
// prefix of theirs: each session has its own.
const (
	Stream   = "AUDIT"
	subjects = "skep.audit."
)

// pageLines is how many lines one page takes: some 60 KB.
const pageLines = 128

// A Page is the lines that were stored by one write.
type Page struct {
	// Origin is whose lines these are.
	Origin
	// Session is the chain that the page belongs to, Number its place in it from 1.
	Session string `json:"session"`
	Number  uint64 `json:"number"`
	// Previous is the hash of the page before it. For the first of a session that
	// is the page that Anchor names; empty if the stream was empty.
	Previous string `json:"previous,omitempty"`
	// Anchor is the sequence in the stream of the page that the session began after.
	Anchor uint64 `json:"anchor,omitempty"`
	// Lines are the lines in the order they were written.
	Lines []Line `json:"lines"`
}

// hash is what the next page says of a page as it is stored.
func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func decode(data []byte) (Page, error) {
	var page Page
	if err := json.Unmarshal(data, &page); err != nil {
		return Page{}, fmt.Errorf("read audit page: %w", err)
	}
	return page, nil
}
