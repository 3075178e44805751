package cluster_test

import (
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// link is the connection from one server to another. While it is cut, it accepts data,
// delivers none and closes no connection, as a partitioned network does.
type link struct {
	listener net.Listener

	mu     sync.Mutex
	change *sync.Cond
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
	l.change = sync.NewCond(&l.mu)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { l.forward(conn, &running) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		l.close()
		running.Wait()
	})
	return l
}

// address returns the address that the first server connects to.
func (l *link) address() string { return l.listener.Addr().String() }

// to sets the address of the second server, for new connections.
func (l *link) to(target string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.target = target
}

// set cuts or restores the link.
func (l *link) set(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	l.change.Broadcast()
}

// forward forwards a connection in both directions.
func (l *link) forward(near net.Conn, running *sync.WaitGroup) {
	if !l.add(near) {
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
	if !l.add(far) {
		return
	}
	defer l.drop(far)
	running.Go(func() {
		defer l.drop(near)
		l.copyData(near, far)
	})
	l.copyData(far, near)
}

// copyData copies until one side closes. It delivers data that it read while the link was cut
// when the link is restored, as TCP does.
func (l *link) copyData(from io.Reader, to net.Conn) {
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

// wait returns true when the link is not cut, and false when it is closed.
func (l *link) wait() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.cut && !l.closed {
		l.change.Wait()
	}
	return !l.closed
}

// add records an open connection. It closes the connection and returns false if the link is
// closed.
func (l *link) add(conn net.Conn) bool {
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

// close closes the link and all its connections.
func (l *link) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for conn := range l.conns {
		_ = conn.Close()
	}
	l.change.Broadcast()
}
