package bus

import (
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/skep-dev/skep/libs/platform/topology"
)

// Leases is the bucket in every account by which the replicas of its service divide the work.
const Leases = "leases"

// Budgets is the bucket of API budgets, in the account of identity.
const Budgets = "budgets"

// Events is the stream of all events, in the account of the gateway.
const Events = "EVENTS"

// MaxRecord is the largest record that a bucket accepts, in bytes. The inventory of a large cluster takes about 40
// KB.
const MaxRecord = 256 << 10

// eventsAge is the retention of events. eventsWindow is the time in which an event is recognized as a duplicate by
// its message id.
const (
	eventsAge    = 30 * 24 * time.Hour
	eventsWindow = time.Hour
)

// Audit is the stream of audit lines in every account; see libs/platform/audit.
const Audit = "AUDIT"

// auditAge is the retention of audit lines: the time for which CloudTrail shows the events to compare them with. A
// line takes about 350 bytes before compression; creating and deleting a cluster writes about 500 lines.
const auditAge = 90 * 24 * time.Hour

// markerAge is the retention of the marker of an expired lease. A replica that was disconnected for longer lists the
// leases again.
const markerAge = time.Hour

// headroom is the size of the subject and headers of a message beyond its record.
const headroom = 4 << 10

// bucketStream returns a bucket as a stream. The key-value interface cannot create it: that interface enables direct
// gets (with three replicas 7 to 12 % of them were stale after an acknowledged put) and cannot enable atomic batches.
func bucketStream(bucket string, replicas int) server.StreamConfig {
	return server.StreamConfig{
		Name: topology.StreamName(bucket), Subjects: []string{"$KV." + bucket + ".>"},
		Storage: server.FileStorage, Replicas: replicas, Retention: server.LimitsPolicy,
		MaxMsgsPer: 1, MaxMsgs: -1, MaxBytes: -1, MaxConsumers: -1, MaxMsgSize: MaxRecord + headroom,
		Discard: server.DiscardNew, DenyDelete: true, AllowRollup: true,
		AllowMsgTTL: true, AllowAtomicPublish: true, Duplicates: 2 * time.Minute,
	}
}

// leasesStream returns the bucket of leases. Its keys can expire, and a marker reports the expiry.
func leasesStream(replicas int) server.StreamConfig {
	c := bucketStream(Leases, replicas)
	c.SubjectDeleteMarkerTTL = markerAge
	return c
}

func eventsStream(replicas int) server.StreamConfig {
	return server.StreamConfig{
		Name: Events, Subjects: []string{"skep.events.>"},
		Storage: server.FileStorage, Replicas: replicas, Retention: server.LimitsPolicy,
		MaxAge: eventsAge, MaxMsgs: -1, MaxBytes: -1, MaxMsgsPer: -1, MaxConsumers: -1, MaxMsgSize: MaxRecord,
		Discard: server.DiscardOld, DenyDelete: true, DenyPurge: true, Duplicates: eventsWindow,
	}
}

// auditStream returns the stream of audit lines. It only grows: no user can change or delete lines, and only their
// age removes them. It has no size limit, because a limit would either drop lines early or stop all work.
func auditStream(replicas int) server.StreamConfig {
	return server.StreamConfig{
		Name: Audit, Subjects: []string{"skep.audit.>"},
		Storage: server.FileStorage, Replicas: replicas, Retention: server.LimitsPolicy, Compression: server.S2Compression,
		MaxAge: auditAge, MaxMsgs: -1, MaxBytes: -1, MaxMsgsPer: -1, MaxConsumers: -1, MaxMsgSize: MaxRecord,
		Discard: server.DiscardNew, DenyDelete: true, DenyPurge: true, Duplicates: 2 * time.Minute,
	}
}

// mirrorStream returns the bucket of an owner as a reader sees it. It receives from a consumer that the administrator
// created in the owner's account: a reader that could create consumers there could also choose their delivery
// subjects.
func mirrorStream(t topology.Topology, owner, reader string, replicas int) server.StreamConfig {
	return server.StreamConfig{
		Name:    topology.StreamName(t.Bucket(owner)),
		Storage: server.FileStorage, Replicas: replicas, Retention: server.LimitsPolicy,
		MaxMsgsPer: 1, MaxMsgs: -1, MaxBytes: -1, MaxConsumers: -1, MaxMsgSize: -1,
		Discard: server.DiscardOld, DenyDelete: true, AllowRollup: true, AllowMsgTTL: true,
		Mirror: &server.StreamSource{
			Name:     topology.StreamName(t.Bucket(owner)),
			External: &server.ExternalStream{ApiPrefix: topology.APIPrefix(owner), DeliverPrefix: topology.DeliverSubject(owner, reader)},
			Consumer: &server.StreamConsumerSource{Name: topology.MirrorConsumer(reader), DeliverSubject: topology.DeliverSubject(owner, reader)},
		},
	}
}

// consumer returns the consumer that sends the owner's stream to the mirror of a reader, one record at a time. A new
// leader of the mirror continues after the last record that the consumer considers acknowledged. A record that was
// sent and is then replaced or deleted counts as acknowledged together with all records sent before it (nats-server
// 2.15.2, consumer.go, decStreamPending and purge). With more than one record in flight, the mirror would lose those
// records.
func consumer(owner, reader string) server.ConsumerConfig {
	return server.ConsumerConfig{
		Durable: topology.MirrorConsumer(reader), Name: topology.MirrorConsumer(reader), DeliverSubject: topology.DeliverSubject(owner, reader),
		DeliverPolicy: server.DeliverAll, AckPolicy: server.AckFlowControl,
		FlowControl: true, Heartbeat: time.Second, MaxAckPending: 1,
	}
}
