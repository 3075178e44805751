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

// timeout bounds the write of a page: a killed leader of a stream stops its
// writes for 4 to 9 s.
const timeout = 10 * time.Second

// keep is how many lines "after" wait for a stream that cannot be written. Older
// ones are given up; the log tells how many.
const keep = 4096

// A Log writes the lines of one replica of a service. It is safe for concurrent use.
type Log struct {
	origin Origin
	js     jetstream.JetStream

	mu      sync.Mutex
	session *session // nil before the first page and after a page in doubt
	calls   int64
	next    []waiting
	idle    chan struct{} // closed while nothing is being written
}

// waiting is a line that is not stored yet, and who waits for it, if anybody.
type waiting struct {
	line   Line
	stored chan error
}

// Open returns a log that writes to the account that the connection is for. It
// asks the stream for nothing before the first line.
func Open(conn *nats.Conn, origin Origin) (*Log, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("open audit log: %w", err)
	}
	idle := make(chan struct{})
	close(idle)
	return &Log{origin: origin, js: js, idle: idle}, nil
}

// Begin stores that a call is about to be made, and returns once that is durable.
// Then the call is made, and end is given the same line with what came of it;
// that line is stored soon, and nobody waits for it. After an error the call must
// not be made.
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
		// The line may be stored all the same, and is not left to be wondered about.
		line.Outcome = Unsent
		end(line)
		return nil, err
	}
	return end, nil
}

// add queues a line. The lock is held.
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

// write stores page after page until nothing is left, or until a page fails. Then
// whoever waits is told, also of a line that came since, and the next line tries again.
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

// retain keeps the lines "after" of those that were not stored: what came of a call
// is still worth knowing. The lock is held.
func (l *Log) retain(lines []waiting, cause error) {
	slog.Warn("audit lines are not stored", "service", l.origin.Service, "lines", len(lines), "error", cause)
	var kept []waiting
	for _, w := range lines {
		if w.stored == nil {
			kept = append(kept, w)
		}
	}
	if len(kept) > keep {
		slog.Error("audit lines are lost", "service", l.origin.Service, "lines", len(kept)-keep)
		kept = kept[len(kept)-keep:]
	}
	l.next = kept
}

// put stores one page. Only one is under way at a time.
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

// Flush returns when what was written is stored or cannot be.
func (l *Log) Flush() {
	l.mu.Lock()
	idle := l.idle
	l.mu.Unlock()
	<-idle
}
