package bus_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/bus"
)

// forgeries are the known ways to make the server write a value to a subject that the user may not publish to. All of
// them pass the permissions of the user, which do not apply to reply and delivery subjects.
var forgeries = map[string]func(t *testing.T, nc *nats.Conn, to string){
	"as the reply to a get": func(t *testing.T, nc *nats.Conn, to string) {
		require.NoError(t, nc.PublishRequest("$JS.API.STREAM.MSG.GET.KV_ingress", to, []byte(`{"last_by_subj":"$KV.ingress.bait"}`)))
	},
	"as the delivery of a pull consumer": func(t *testing.T, nc *nats.Conn, to string) {
		create(t, nc, server.ConsumerConfig{Name: "forge-pull", AckPolicy: server.AckNone})
		require.NoError(t, nc.PublishRequest("$JS.API.CONSUMER.MSG.NEXT.KV_ingress.forge-pull", to, []byte(`{"batch":1}`)))
	},
	"as the delivery of a push consumer": func(t *testing.T, nc *nats.Conn, to string) {
		create(t, nc, server.ConsumerConfig{Name: "forge-push", AckPolicy: server.AckNone, DeliverSubject: to})
	},
}

// create creates a consumer on the bucket of ingress, which ingress may do.
func create(t *testing.T, nc *nats.Conn, c server.ConsumerConfig) {
	t.Helper()
	body, err := json.Marshal(server.CreateConsumerRequest{Stream: "KV_ingress", Config: c})
	require.NoError(t, err)
	reply, err := nc.RequestWithContext(soon(t), "$JS.API.CONSUMER.CREATE.KV_ingress."+c.Name, body)
	require.NoError(t, err)
	require.NotContains(t, string(reply.Data), `"error"`)
}

// target is the subject of a record of network.
const target = "$KV.network.networks/acme/n1"

func TestForgedDeliveriesStayInTheAccountOfTheForger(t *testing.T) {
	for name, forge := range forgeries {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *bus.Server) {
				nc, js := as(t, s, "ingress")
				_, err := records(t, js, "ingress").Put(t.Context(), "bait", []byte("forged"))
				require.NoError(t, err)
				inside, err := s.ConnectAdmin("ingress")
				require.NoError(t, err)
				defer inside.Close()
				outside, err := s.ConnectAdmin("network")
				require.NoError(t, err)
				defer outside.Close()
				seen, err := inside.SubscribeSync(target)
				require.NoError(t, err)
				unseen, err := outside.SubscribeSync(target)
				require.NoError(t, err)
				require.NoError(t, inside.FlushWithContext(soon(t)))
				require.NoError(t, outside.FlushWithContext(soon(t)))

				forge(t, nc, target)

				_, err = seen.NextMsgWithContext(soon(t))
				require.NoError(t, err, "the forgery fails within the account, so the test proves nothing")
				_, err = unseen.NextMsgWithContext(soon(t))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				_, network := as(t, s, "network")
				_, err = records(t, network, "network").Get(t.Context(), "networks/acme/n1")
				require.ErrorIs(t, err, jetstream.ErrKeyNotFound)
			})
		})
	}
}

func TestServicesCannotChangeStreamsOrForeignSubjects(t *testing.T) {
	refused := map[string]string{
		"create a stream":                        "$JS.API.STREAM.CREATE.OURS",
		"change its own bucket":                  "$JS.API.STREAM.UPDATE.KV_ingress",
		"delete its own bucket":                  "$JS.API.STREAM.DELETE.KV_ingress",
		"purge its own bucket":                   "$JS.API.STREAM.PURGE.KV_ingress",
		"restore a stream":                       "$JS.API.STREAM.RESTORE.KV_ingress",
		"write the bucket of another service":    "$KV.network.networks/acme/n1",
		"reset the mirror of another service":    "from.network.api.CONSUMER.RESET.KV_network.MIRROR_ingress",
		"publish to a mirror as another service": "mirror.network.ingress",
		"write events":                           "skep.events.acme.orchid.ingress.Ready",
	}
	inBubble(t, func(t *testing.T, s *bus.Server) {
		nc, _ := as(t, s, "ingress")
		for what, subject := range refused {
			errs := make(chan error, 1)
			nc.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { errs <- err })
			_, err := nc.RequestWithContext(soon(t), subject, []byte("{}"))
			require.Error(t, err, what)
			require.ErrorIs(t, <-errs, nats.ErrPermissionViolation, what)
		}
	})
}

func TestAConnectionNeedsAPassword(t *testing.T) {
	t.Parallel()
	s, err := bus.Start(t.Context(), bus.Options{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	defer s.Close()
	for what, option := range map[string]nats.Option{
		"no user":        nil,
		"no password":    nats.UserInfo("network", ""),
		"wrong password": nats.UserInfo("network", "network"),
	} {
		_, err := nats.Connect(s.URL(), option)
		require.ErrorIs(t, err, nats.ErrAuthorization, what)
	}
}

func TestAConnectionWithinTheProcessNeedsAKnownUser(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		_, err := s.Connect("unknown")
		require.Error(t, err)
		nc, err := s.Connect("network")
		require.NoError(t, err)
		nc.Close()
	})
}
