package moto

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
)

// serverLog is the output of the server: its address, a line for every request, and a stack
// trace for every failed request.
type serverLog struct {
	mu      sync.Mutex
	text    bytes.Buffer
	address string

	running, ended chan struct{}
}

func newServerLog() *serverLog {
	return &serverLog{running: make(chan struct{}), ended: make(chan struct{})}
}

var listening = regexp.MustCompile(`Running on http://(\S+)`)

// Write implements io.Writer.
func (l *serverLog) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.text.Write(text) // A write to a buffer never fails.
	if l.address == "" {
		if found := listening.FindSubmatch(l.text.Bytes()); found != nil {
			l.address = string(found[1])
			close(l.running)
		}
	}
	return len(text), nil
}

func (l *serverLog) end() { close(l.ended) }

// String implements fmt.Stringer.
func (l *serverLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// problemsShown is the largest number of bytes that problems returns.
const problemsShown = 4000

// problems returns the end of the output without the lines of successful and refused requests.
func (l *serverLog) problems() string {
	var rest []string
	for line := range strings.Lines(l.String()) {
		if !strings.Contains(line, `" 200 -`) && !strings.Contains(line, `" 400 -`) {
			rest = append(rest, line)
		}
	}
	text := strings.Join(rest, "")
	return text[max(len(text)-problemsShown, 0):]
}
