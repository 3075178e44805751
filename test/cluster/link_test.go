package cluster_test

import (
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// link is the way from one server to another. It passes on what it is given until
// it is cut: then it takes everything and delivers nothing, as a network does that
// lost its way, and closes no connection.
type link struct {
	listener net.Listener

	mu     sync.Mutex
	whole  *sync.Cond
	target string
	cut    bool
	conns  map[net.Conn]struct{}
	closed bool
}

// newLink listens on loopback until the test ends.
func newLink(t *testing.T) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := &link{listener: listener, conns: make(map[net.Conn]struct{})}
	l.whole = sync.NewCond(&l.mu)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { l.join(conn, &running) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		l.close()
		running.Wait()
	})
	return l
}

// address is where the link begins.
func (l *link) address() string { return l.listener.Addr().String() }

// to says where the link ends from now on.
func (l *link) to(target string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.target = target
}

// set cuts the link, or heals it.
func (l *link) set(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	l.whole.Broadcast()
}

// join passes a connection on in both directions.
func (l *link) join(near net.Conn, running *sync.WaitGroup) {
	if !l.keep(near) {
		return
	}
	defer l.drop(near)
	if !l.wait() {
		return
	}
	l.mu.Lock()
	target := l.target
	l.mu.Unlock()
	far, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	if !l.keep(far) {
		return
	}
	defer l.drop(far)
	running.Go(func() {
		defer l.drop(near)
		l.pass(near, far)
	})
	l.pass(far, near)
}

// pass copies until one side closes. What was read while the link was cut is
// delivered when it is whole again, as TCP does.
func (l *link) pass(from io.Reader, to net.Conn) {
	defer l.drop(to)
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil || !l.wait() {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// wait returns when the link is whole, or false when it is closed.
func (l *link) wait() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.cut && !l.closed {
		l.whole.Wait()
	}
	return !l.closed
}

// keep notes a connection that is open, or closes it with the link.
func (l *link) keep(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = conn.Close()
		return false
	}
	l.conns[conn] = struct{}{}
	return true
}

func (l *link) drop(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, conn)
	_ = conn.Close()
}

// close ends the link and every connection through it.
func (l *link) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for conn := range l.conns {
		_ = conn.Close()
	}
	l.whole.Broadcast()
}
