package bus

import (
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Leases is the bucket of every account in which replicas of its service agree
// who does what.
const Leases = "leases"

// Budgets is the bucket of API budgets, in the account of identity.
const Budgets = "budgets"

// Events is the stream of everything that happened, in the gateway's account.
const Events = "EVENTS"

// MaxRecord is the largest record that a bucket takes, in bytes. The inventory
// of a large cluster takes some 40 KB.
const MaxRecord = 256 << 10

// eventsAge is how long events are kept; eventsWindow is how long the repeat of
// an event is known by its message id.
const (
	eventsAge    = 30 * 24 * time.Hour
	eventsWindow = time.Hour
)

// Audit is the stream of audit lines of every account; see libs/platform/audit.
const Audit = "AUDIT"

// auditAge is how long audit lines are kept: as long as CloudTrail shows events,
// which they are held against. A page of lines is stored in some 350 bytes a line
// before compression; a cluster made and removed leaves some 500 lines.
const auditAge = 90 * 24 * time.Hour

// markerAge is how long the mark of an expired lease is kept. A replica that was
// away for longer lists again.
const markerAge = time.Hour

// headroom is what a message may be larger than its record: its subject and headers.
const headroom = 4 << 10

// bucketStream is a bucket as a stream. It is not made as a key-value bucket,
// because that interface turns direct gets on (on three replicas 7 to 12 % of
// them were stale after an acknowledged put) and cannot turn atomic batches on.
func bucketStream(bucket string, replicas int) server.StreamConfig {
	return server.StreamConfig{
		Name: stream(bucket), Subjects: []string{"$KV." + bucket + ".>"},
		Storage: server.FileStorage, Replicas: replicas, Retention: server.LimitsPolicy,
		MaxMsgsPer: 1, MaxMsgs: -1, MaxBytes: -1, MaxConsumers: -1, MaxMsgSize: MaxRecord + headroom,
		Discard: server.DiscardNew, DenyDelete: true, AllowRollup: true,
		AllowMsgTTL: true, AllowAtomicPublish: true, Duplicates: 2 * time.Minute,
	}
}

// leasesStream is the bucket of leases: keys may expire, and their expiry is told.
func leasesStream(replicas int) server.StreamConfig {
	c := bucketStream(Leases, replicas)
	c.SubjectDeleteMarkerTTL = markerAge
	return c
}

// eventsStream is the stream of events.
func eventsStream(replicas int) server.StreamConfig {
	return server.StreamConfig{
		Name: Events, Subjects: []string{"skep.events.>"},
		Storage: server.FileStorage, Replicas: replicas, Retention: server.LimitsPolicy,
		MaxAge: eventsAge, MaxMsgs: -1, MaxBytes: -1, MaxMsgsPer: -1, MaxConsumers: -1, MaxMsgSize: MaxRecord,
		Discard: server.DiscardOld, DenyDelete: true, DenyPurge: true, Duplicates: eventsWindow,
	}
}

// auditStream is the stream of audit lines. It only grows: what is in it nobody
// changes, and nothing but its age removes from it. It has no limit of size, since
// that would either forget lines before their time or stop all work.
func auditStream(replicas int) server.StreamConfig {
	return server.StreamConfig{
		Name: Audit, Subjects: []string{"skep.audit.>"},
		Storage: server.FileStorage, Replicas: replicas, Retention: server.LimitsPolicy, Compression: server.S2Compression,
		MaxAge: auditAge, MaxMsgs: -1, MaxBytes: -1, MaxMsgsPer: -1, MaxConsumers: -1, MaxMsgSize: MaxRecord,
		Discard: server.DiscardNew, DenyDelete: true, DenyPurge: true, Duplicates: 2 * time.Minute,
	}
}

// mirrorStream is the bucket of an owner as a reader sees it. It hears from a
// consumer that was made for it in the owner's account: a reader who could make
// consumers there could also choose where they deliver to.
func mirrorStream(t Topology, owner, reader string, replicas int) server.StreamConfig {
	return server.StreamConfig{
		Name:    stream(t.Bucket(owner)),
		Storage: server.FileStorage, Replicas: replicas, Retention: server.LimitsPolicy,
		MaxMsgsPer: 1, MaxMsgs: -1, MaxBytes: -1, MaxConsumers: -1, MaxMsgSize: -1,
		Discard: server.DiscardOld, DenyDelete: true, AllowRollup: true, AllowMsgTTL: true,
		Mirror: &server.StreamSource{
			Name:     stream(t.Bucket(owner)),
			External: &server.ExternalStream{ApiPrefix: apiPrefix(owner), DeliverPrefix: deliverSubject(owner, reader)},
			Consumer: &server.StreamConsumerSource{Name: mirrorConsumer(reader), DeliverSubject: deliverSubject(owner, reader)},
		},
	}
}

// consumer is what the owner's stream sends to the mirror of a reader, one record
// at a time: whoever takes over the mirror goes on after the last record that the
// consumer holds for acknowledged, and a record that was sent and is then replaced
// or deleted counts as acknowledged with all that were sent before it
// (nats-server 2.15.2, consumer.go, decStreamPending and purge). Were there any, the
// mirror would never get them.
func consumer(owner, reader string) server.ConsumerConfig {
	return server.ConsumerConfig{
		Durable: mirrorConsumer(reader), Name: mirrorConsumer(reader), DeliverSubject: deliverSubject(owner, reader),
		DeliverPolicy: server.DeliverAll, AckPolicy: server.AckFlowControl,
		FlowControl: true, Heartbeat: time.Second, MaxAckPending: 1,
	}
}
