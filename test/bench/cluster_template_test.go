package bench_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/follow"
	"github.com/skep-dev/skep/libs/platform/topology"
	"github.com/skep-dev/skep/test/clustertest"
)

// clusterTemplate holds the entries of one READY cluster in all streams of the state store.
// Any number of clusters can be copied from it.
type clusterTemplate struct {
	entries []entry
	uids    []string
}

// entry is one message of a stream in the account of a service.
type entry struct {
	service, stream, subject string
	header                   nats.Header
	data                     []byte
}

// collect creates one cluster in virtual time and returns its entries in the store.
func collect(t *testing.T) clusterTemplate {
	t.Helper()
	var c clusterTemplate
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		for _, service := range topology.Suite() {
			c.take(t, s, service.Name, "KV_"+service.Bucket)
			if service.Events {
				c.take(t, s, service.Name, bus.Events)
			}
		}
	})
	return c
}

var errComplete = errors.New("every entry was read")

// take reads the newest entry of every subject of a stream into the template.
func (c *clusterTemplate) take(t *testing.T, s *clustertest.Suite, service, stream string) {
	t.Helper()
	js, err := jetstream.New(s.NATS(service))
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(s.Context)
	err = follow.Stream(ctx, js, stream, func(m follow.Message) {
		if !m.Deleted {
			c.entries = append(c.entries, entry{service, stream, m.Subject, trace(m.Header), m.Data})
		}
		if strings.HasPrefix(stream, "KV_") {
			c.uids = append(c.uids, uidOf(t, m))
		}
	}, func() { cancel(errComplete) }, func() bool { return false })
	require.ErrorIs(t, err, errComplete)
}

// trace returns the trace context of the headers, the only header that readers use.
func trace(h nats.Header) nats.Header {
	const parent = "traceparent"
	if h.Get(parent) == "" {
		return nil
	}
	return nats.Header{parent: {h.Get(parent)}}
}

// uidOf returns the uid of the object of a record.
func uidOf(t *testing.T, m follow.Message) string {
	t.Helper()
	record := new(recordv1.Record)
	require.NoError(t, proto.Unmarshal(m.Data, record))
	resource, err := record.GetResource().UnmarshalNew()
	require.NoError(t, err)
	return resource.(object.Object).GetUid()
}

// copies calls put with every entry of n clusters, and with the entries that they share. The
// copies differ in names and uids. Their last resync is now, so the next one is due only
// after a resync interval.
func (c clusterTemplate) copies(t *testing.T, n int, put func(entry)) {
	t.Helper()
	for _, e := range c.entries {
		if !strings.Contains(e.subject, clustertest.ClusterID) {
			put(resynced(t, e))
		}
	}
	for i := range n {
		pairs := []string{clustertest.ClusterID, fmt.Sprintf("c%0*d", len(clustertest.ClusterID)-1, i)}
		for _, uid := range c.uids {
			pairs = append(pairs, uid, fmt.Sprintf("%s%0*d", uid[:3], len(uid)-3, i))
		}
		renamed := strings.NewReplacer(pairs...)
		for _, e := range c.entries {
			if strings.Contains(e.subject, clustertest.ClusterID) {
				// The names are as long as before, so the encoding stays valid.
				e.subject, e.data = renamed.Replace(e.subject), []byte(renamed.Replace(string(e.data)))
				put(resynced(t, e))
			}
		}
	}
}

// resynced returns the entry with its last resync set to now.
func resynced(t *testing.T, e entry) entry {
	t.Helper()
	if !strings.HasPrefix(e.stream, "KV_") {
		return e
	}
	record := new(recordv1.Record)
	require.NoError(t, proto.Unmarshal(e.data, record))
	record.ResyncTime = timestamppb.Now()
	var err error
	e.data, err = proto.MarshalOptions{Deterministic: true}.Marshal(record)
	require.NoError(t, err)
	require.False(t, bytes.Contains(e.data, []byte(clustertest.ClusterID)) && strings.Contains(e.subject, "c0"), "the copy has the name of the original")
	return e
}
