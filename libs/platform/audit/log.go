package audit

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// timeout bounds the write of a page: after the leader of a stream is killed, writes stall for 4 to 9 s.
const timeout = 10 * time.Second

// maxWaiting is the number of lines "after" that wait while the stream is not writable. Older lines are dropped, and
// the log reports their number.
const maxWaiting = 4096

// A Log writes the lines of one replica of a service. It is safe for concurrent use.
type Log struct {
	origin Origin
	js     jetstream.JetStream

	mu      sync.Mutex
	session *session // nil before the first page and after a failed write
	calls   int64
	next    []waiting
	idle    chan struct{} // closed while no write is in progress
}

// waiting is a line that is not stored yet. stored receives the result; it is nil if no caller waits.
type waiting struct {
	line   Line
	stored chan error
}

// Open returns a log that writes to the account of the connection. It does not access the stream before the first
// line.
func Open(conn *nats.Conn, origin Origin) (*Log, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("open audit log: %w", err)
	}
	idle := make(chan struct{})
	close(idle)
	return &Log{origin: origin, js: js, idle: idle}, nil
}

// Begin stores that a call is about to be sent, and returns when the line is durable. The caller then makes the call
// and passes the same line with the outcome to end, which stores it soon and does not wait. After an error the call
// must not be made.
func (l *Log) Begin(ctx context.Context, line Line) (end func(Line), err error) {
	line.Phase, line.Time = Before, time.Now()
	stored := make(chan error, 1)
	l.mu.Lock()
	l.calls++
	line.Call = l.calls
	l.add(waiting{line, stored})
	l.mu.Unlock()
	end = func(after Line) {
		after.Call, after.Phase, after.Time = line.Call, After, time.Now()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.add(waiting{line: after})
	}
	select {
	case err = <-stored:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		// The line may be stored nevertheless; the outcome says that the call was not sent.
		line.Outcome = Unsent
		end(line)
		return nil, err
	}
	return end, nil
}

// add queues a line. The caller holds the lock.
func (l *Log) add(w waiting) {
	l.next = append(l.next, w)
	if busy := l.busy(); !busy {
		l.idle = make(chan struct{})
		go l.write()
	}
}

func (l *Log) busy() bool {
	select {
	case <-l.idle:
		return false
	default:
		return true
	}
}

// write stores page after page until no line is left or a page fails. After a failure it returns the error to every
// waiting caller, also of lines that arrived meanwhile; the next line starts a new attempt.
func (l *Log) write() {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer close(l.idle)
	for len(l.next) > 0 {
		page := l.next[:min(len(l.next), pageLines)]
		l.next = l.next[len(page):]
		l.mu.Unlock()
		err := l.put(page)
		l.mu.Lock()
		if err != nil {
			page = append(page[:len(page):len(page)], l.next...)
			l.retain(page, err)
		}
		for _, w := range page {
			if w.stored != nil {
				w.stored <- err
			}
		}
		if err != nil {
			return
		}
	}
}

// retain queues the lines "after" among lines again: the outcome of a call stays worth storing. The caller holds the
// lock.
func (l *Log) retain(lines []waiting, cause error) {
	slog.Warn("audit lines are not stored", "service", l.origin.Service, "lines", len(lines), "error", cause)
	var outcomes []waiting
	for _, w := range lines {
		if w.stored == nil {
			outcomes = append(outcomes, w)
		}
	}
	if len(outcomes) > maxWaiting {
		slog.Error("audit lines are lost", "service", l.origin.Service, "lines", len(outcomes)-maxWaiting)
		outcomes = outcomes[len(outcomes)-maxWaiting:]
	}
	l.next = outcomes
}

// put stores one page. Only one put runs at a time.
func (l *Log) put(page []waiting) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if l.session == nil {
		var err error
		if l.session, err = begin(ctx, l.js); err != nil {
			return err
		}
	}
	lines := make([]Line, len(page))
	for i, w := range page {
		lines[i] = w.line
	}
	if err := l.session.put(ctx, l.js, l.origin, lines); err != nil {
		l.session = nil
		return err
	}
	return nil
}

// Flush returns when all lines so far are stored or have failed.
func (l *Log) Flush() {
	l.mu.Lock()
	idle := l.idle
	l.mu.Unlock()
	<-idle
}
