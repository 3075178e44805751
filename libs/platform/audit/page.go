package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Stream is the stream of pages in the account of every service. subjects is the prefix of its subjects; each session
// has its own.
const (
	Stream   = "AUDIT"
	subjects = "skep.audit."
)

// pageLines is the limit of lines in one page, about 60 KB.
const pageLines = 128

// A Page contains the lines that one write stored.
type Page struct {
	// Origin is the process that wrote the lines.
	Origin
	// Session is the chain of the page; Number is the position in it, from 1.
	Session string `json:"session"`
	Number  uint64 `json:"number"`
	// Previous is the hash of the previous page of the session. On the first page it is the hash of the page that
	// Anchor names, or "" if the stream was empty.
	Previous string `json:"previous,omitempty"`
	// Anchor is the stream sequence of the newest page when the session began.
	Anchor uint64 `json:"anchor,omitempty"`
	// Lines are the lines in the order of their writing.
	Lines []Line `json:"lines"`
}

// hash returns the hash by which the next page refers to a stored page.
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
