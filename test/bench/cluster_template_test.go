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
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/test/clustertest"
)

// clusterTemplate is what one cluster that is READY left in the state store, in every
// stream: what any number of clusters can be copied from.
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

// collect makes one cluster in virtual time and takes what it left.
func collect(t *testing.T) clusterTemplate {
	t.Helper()
	var s clusterTemplate
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, play *clustertest.Suite) {
		play.Create(t)
		play.WaitUntil(t, clustertest.IsReady)
		for _, service := range bus.Suite() {
			s.take(t, play, service.Name, "KV_"+service.Bucket)
			if service.Events {
				s.take(t, play, service.Name, bus.Events)
			}
		}
	})
	return s
}

var errComplete = errors.New("all there is")

// take reads the newest entry of every subject of a stream.
func (s *clusterTemplate) take(t *testing.T, play *clustertest.Suite, service, stream string) {
	t.Helper()
	js, err := jetstream.New(play.NATS(service))
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(play.Context)
	err = store.Follow(ctx, js, stream, func(m store.Message) {
		if !m.Gone {
			s.entries = append(s.entries, entry{service, stream, m.Subject, trace(m.Header), m.Data})
		}
		if strings.HasPrefix(stream, "KV_") {
			s.uids = append(s.uids, uidOf(t, m))
		}
	}, func() { cancel(errComplete) }, func() bool { return false })
	require.ErrorIs(t, err, errComplete)
}

// trace is what readers of an entry use of its headers.
func trace(h nats.Header) nats.Header {
	const parent = "traceparent"
	if h.Get(parent) == "" {
		return nil
	}
	return nats.Header{parent: {h.Get(parent)}}
}

// uidOf is the uid of the resource of a record.
func uidOf(t *testing.T, m store.Message) string {
	t.Helper()
	record := new(recordv1.Record)
	require.NoError(t, proto.Unmarshal(m.Data, record))
	resource, err := record.GetResource().UnmarshalNew()
	require.NoError(t, err)
	return resource.(object.Object).GetUid()
}

// copies calls put with every entry of n clusters, and of what they share. The
// copies differ in all that tells clusters apart, their names and uids, and were
// surveyed just now, so that nothing is to be done about them for a while.
func (s clusterTemplate) copies(t *testing.T, n int, put func(entry)) {
	t.Helper()
	for _, e := range s.entries {
		if !strings.Contains(e.subject, clustertest.ClusterID) {
			put(surveyed(t, e))
		}
	}
	for i := range n {
		pairs := []string{clustertest.ClusterID, fmt.Sprintf("c%0*d", len(clustertest.ClusterID)-1, i)}
		for _, uid := range s.uids {
			pairs = append(pairs, uid, fmt.Sprintf("%s%0*d", uid[:3], len(uid)-3, i))
		}
		renamed := strings.NewReplacer(pairs...)
		for _, e := range s.entries {
			if strings.Contains(e.subject, clustertest.ClusterID) {
				// The names are as long as before, so the encoding stays valid.
				e.subject, e.data = renamed.Replace(e.subject), []byte(renamed.Replace(string(e.data)))
				put(surveyed(t, e))
			}
		}
	}
}

// surveyed is the entry of a record that was looked at a moment ago.
func surveyed(t *testing.T, e entry) entry {
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
