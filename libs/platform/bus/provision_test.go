package bus_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/topology"
)

func TestMirrorsCarryPutsAndDeletesWithTheirRevision(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		for _, reader := range topology.Suite() {
			_, js := as(t, s, reader.Name)
			for _, read := range reader.Reads {
				_, owner := as(t, s, read.Service)
				source := records(t, owner, topology.Suite().Bucket(read.Service))
				first, err := source.Put(t.Context(), "for/"+reader.Name, []byte("one"))
				require.NoError(t, err)

				time.Sleep(time.Second) // virtual time: enough for the mirror
				mirror := records(t, js, topology.Suite().Bucket(read.Service))
				w, err := mirror.Watch(t.Context(), "for/"+reader.Name)
				require.NoError(t, err)
				e := <-w.Updates()
				require.NotNil(t, e, "%s does not see the record of %s", reader.Name, read.Service)
				require.Equal(t, first, e.Revision())
				require.Nil(t, <-w.Updates())

				require.NoError(t, source.Purge(t.Context(), "for/"+reader.Name))
				e = <-w.Updates()
				require.Equal(t, first+1, e.Revision())
				require.Empty(t, e.Value())
				require.NoError(t, w.Stop())
			}
		}
	})
}

func TestProvisionIsIdempotent(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		_, network := as(t, s, "network")
		_, compute := as(t, s, "compute")
		kv, mirror := records(t, network, "network"), records(t, compute, "network")
		_, err := kv.Put(t.Context(), "a", []byte("before"))
		require.NoError(t, err)

		require.NoError(t, bus.Provision(t.Context(), s.ConnectAdmin, topology.Suite(), 1))

		e, err := kv.Get(t.Context(), "a")
		require.NoError(t, err)
		require.Equal(t, "before", string(e.Value()))
		revision, err := kv.Put(t.Context(), "a", []byte("after"))
		require.NoError(t, err)
		time.Sleep(time.Second) // virtual time: enough for the mirror
		e, err = mirror.Get(t.Context(), "a")
		require.NoError(t, err)
		require.Equal(t, "after", string(e.Value()))
		require.Equal(t, revision, e.Revision())
	})
}

func TestARecreatedMirrorGetsUnacknowledgedRecords(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		reader, err := s.ConnectAdmin("compute")
		require.NoError(t, err)
		defer reader.Close()
		_, err = reader.RequestWithContext(soon(t), "$JS.API.STREAM.DELETE.KV_network", nil)
		require.NoError(t, err)
		// Another subscriber receives the records and acknowledges none of them.
		owner, err := s.ConnectAdmin("network")
		require.NoError(t, err)
		defer owner.Close()
		sent, err := owner.SubscribeSync("mirror.network.compute")
		require.NoError(t, err)
		require.NoError(t, owner.FlushWithContext(soon(t)))

		_, js := as(t, s, "network")
		source := records(t, js, "network")
		kept, err := source.Put(t.Context(), "kept", nil)
		require.NoError(t, err)
		for range 3 {
			_, err = source.Put(t.Context(), "replaced", nil)
			require.NoError(t, err)
		}
		require.NoError(t, source.Purge(t.Context(), "deleted"))
		_, err = sent.NextMsgWithContext(soon(t))
		require.NoError(t, err)
		require.NoError(t, sent.Unsubscribe())

		require.NoError(t, bus.Provision(t.Context(), s.ConnectAdmin, topology.Suite(), 1))
		time.Sleep(time.Minute) // virtual time: enough for the mirror
		_, js = as(t, s, "compute")
		e, err := records(t, js, "network").Get(t.Context(), "kept")
		require.NoError(t, err)
		require.Equal(t, kept, e.Revision())
	})
}
