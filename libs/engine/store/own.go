package store

import (
	"time"

	"github.com/nats-io/nats.go"
)

// own are the revisions of writes of this process that the cache shows and that
// were not delivered yet.
type own map[uint64]struct{}

// delivered reports whether a delivery is one of them, and ticks it off.
func (o own) delivered(revision uint64) bool {
	_, shown := o[revision]
	delete(o, revision)
	return shown
}

// written is a message that the stream has taken under a revision.
func written(m *nats.Msg, revision uint64) Message {
	return Message{Subject: m.Subject, Revision: revision, Time: time.Now(), Header: m.Header, Data: m.Data, Gone: gone(m.Header)}
}

// advance shows a write of this process before it is delivered, if it is the very
// next of the bucket: then nothing is left out, and whoever wrote need not wait.
// And it shows one that was left out: if somebody else has written the key since,
// only theirs is delivered, and that may take a while yet.
func (c *cache) advance(key string, e, last *entry, revision uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.entries[key]
	switch {
	case c.live && revision == c.revision+1:
		if c.own == nil {
			c.own = make(own)
		}
		c.own[revision] = struct{}{}
	case revision <= c.revision && before != nil && before.revision < revision:
	default:
		return
	}
	c.show(key, e, last, revision)
}

// pause says that writes may be missed from now on, until there is a new list.
func (c *cache) pause() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live = false
}
