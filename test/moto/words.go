package moto

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
)

// words are what the server says: where it listens, a line for every request, and
// a trace for every request that it fails at.
type words struct {
	mu      sync.Mutex
	text    bytes.Buffer
	address string

	running, ended chan struct{}
}

func newWords() *words {
	return &words{running: make(chan struct{}), ended: make(chan struct{})}
}

var listening = regexp.MustCompile(`Running on http://(\S+)`)

// Write implements io.Writer.
func (w *words) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = w.text.Write(text) // A buffer takes everything.
	if w.address == "" {
		if found := listening.FindSubmatch(w.text.Bytes()); found != nil {
			w.address = string(found[1])
			close(w.running)
		}
	}
	return len(text), nil
}

func (w *words) end() { close(w.ended) }

// String implements fmt.Stringer.
func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// troubleShown is how many bytes of trouble are worth reading.
const troubleShown = 4000

// trouble is what was said without the lines that only tell of requests.
func (w *words) trouble() string {
	var rest []string
	for line := range strings.Lines(w.String()) {
		if !strings.Contains(line, `" 200 -`) && !strings.Contains(line, `" 400 -`) {
			rest = append(rest, line)
		}
	}
	text := strings.Join(rest, "")
	return text[max(len(text)-troubleShown, 0):]
}
