// Package gateway is the one face of the suite: the cluster API over gRPC and
// REST, the APIs of all other services beside it, and the composition of a
// cluster from its parts.
package gateway

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/grpc"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/gateway/internal/api"
	"github.com/skep-dev/skep/gateway/internal/forward"
	"github.com/skep-dev/skep/gateway/internal/timeline"
	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/process"
)

// Name is the name of the gateway.
const Name = "gateway"

// statusDelay is the time, in the time of AWS, for which a cluster collects changes of its
// components before it writes its status: a component is written some hundred times until
// it is ready.
const statusDelay = 500 * time.Millisecond

// New opens what the gateway needs and starts nothing.
func New(ctx context.Context, d service.Dependencies) (service.Service, error) {
	js, err := jetstream.New(d.Conn)
	if err != nil {
		return nil, fmt.Errorf("open jetstream: %w", err)
	}
	records, err := d.Open(ctx, Name)
	if err != nil {
		return nil, err
	}
	peers := services{records: records, conns: make(map[string]grpc.ClientConnInterface)}
	forwarded, wakes := public(), []queue.Wake(nil)
	for name := range forwarded {
		if peers.conns[name], err = d.Peers(name); err != nil {
			return nil, fmt.Errorf("reach %s: %w", name, err)
		}
		wakes = append(wakes, queue.Wake{
			Bucket: records.Of(name), Keys: clustersOf, After: time.Duration(float64(statusDelay) / d.Sessions.TimeScale()),
		})
	}
	clusters := peers.clusters(timeline.New(js))
	election := queue.Election{Service: Name, Name: "timeline", Identity: d.Replica, Conn: d.Conn, LeaseTTL: d.LeaseTTL}
	return service.New(service.Options{
		Name: Name, Dependencies: d, Records: records, Wakes: wakes,
		Objects: []service.Objects{clusters.Open(definition.Runtime{Bucket: records.Own, Sessions: d.Sessions, Installation: d.Installation})},
		Register: func(registrar grpc.ServiceRegistrar) {
			for name, descriptions := range forwarded {
				for _, description := range descriptions {
					forward.Register(registrar, description, peers.conns[name])
				}
			}
		},
		Run: []func(context.Context) error{func(ctx context.Context) error { return copyTimeline(ctx, election, js, records.All()) }},
	})
}

// clusters are the clusters, whose components the services own.
func (s services) clusters(events *timeline.Timeline) *api.Clusters {
	accounts := identityv1.NewAccountServiceClient(s.conns["identity"])
	credentials := identityv1.NewCredentialServiceClient(s.conns["identity"])
	networks := networkv1.NewNetworkServiceClient(s.conns["network"])
	return &api.Clusters{
		Components: s.components(), Timeline: events,
		Kubeconfig: api.Kubeconfig{Sign: func(
			ctx context.Context, in *identityv1.IssueClientCertificateRequest,
		) (*identityv1.IssueClientCertificateResponse, error) {
			return credentials.IssueClientCertificate(ctx, in)
		}},
		Account: func(ctx context.Context, name string) error {
			_, err := accounts.GetAccount(ctx, &identityv1.GetAccountRequest{Name: name})
			return err
		},
		Dependents: func(ctx context.Context, network string) ([]*typev1.Dependent, error) {
			out, err := networks.ExplainNetworkDelete(ctx, &networkv1.ExplainNetworkDeleteRequest{Name: network})
			return out.GetDependents(), err
		},
	}
}

// clustersOf returns the key of the cluster that owns a changed component.
func clustersOf(change store.Change) []string {
	record := change.Record
	if record == nil {
		record = change.Before
	}
	if record == nil {
		return nil
	}
	key, err := object.Clusters.Key(object.ClusterOf(*record))
	if err != nil {
		return nil
	}
	return []string{key}
}

// copyTimeline copies the transitions of all records to the stream of events, on one
// replica at a time.
func copyTimeline(ctx context.Context, election queue.Election, js jetstream.JetStream, buckets []*store.Bucket) error {
	return queue.Elect(ctx, election, func(ctx context.Context) error {
		var copiers []func(context.Context) error
		for _, bucket := range buckets {
			copiers = append(copiers, (&timeline.Copier{JetStream: js, Bucket: bucket}).Run)
		}
		return process.All(ctx, copiers...)
	})
}
