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

	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/gateway/internal/api"
	"github.com/skep-dev/skep/gateway/internal/forward"
	"github.com/skep-dev/skep/gateway/internal/timeline"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/process"
)

// Name is the name of the gateway, bucketName that of its bucket.
const (
	Name       = "gateway"
	bucketName = "cluster"
)

// gathering is for how long changes of the parts of a cluster are gathered before the
// cluster tells of them, in the time of AWS. A part is written some hundred times
// until it is ready, and waits for no cluster.
const gathering = 500 * time.Millisecond

// forwarded are the services of others that the gateway serves, by service.
var forwarded = map[string][]*grpc.ServiceDesc{
	"network": {&networkv1.NetworkService_ServiceDesc},
	"identity": {
		&identityv1.OrganizationService_ServiceDesc, &identityv1.AccountService_ServiceDesc,
		&identityv1.ClusterIdentityService_ServiceDesc, &identityv1.BudgetService_ServiceDesc,
	},
	"ingress": {&ingressv1.ApiEndpointService_ServiceDesc, &ingressv1.IngressService_ServiceDesc},
	"compute": {&computev1.ControlPlaneService_ServiceDesc, &computev1.NodePoolService_ServiceDesc},
	"bastion": {&bastionv1.BastionService_ServiceDesc},
}

// Service is the gateway.
type Service struct {
	server     *api.Server
	conns      map[string]grpc.ClientConnInterface
	buckets    []*store.Bucket
	controller *queue.Controller
	copiers    []*timeline.Copier
	election   queue.Election
}

// New opens what the gateway needs and starts nothing.
func New(ctx context.Context, means service.Dependencies) (service.Service, error) {
	js, err := jetstream.New(means.Conn)
	if err != nil {
		return nil, fmt.Errorf("open jetstream: %w", err)
	}
	own, err := means.Bucket(ctx, bucketName)
	if err != nil {
		return nil, err
	}
	s := &Service{conns: make(map[string]grpc.ClientConnInterface), buckets: []*store.Bucket{own}}
	mirrors := make(map[string]*store.Bucket)
	var wakes []queue.Wake
	for name := range forwarded {
		if mirrors[name], err = means.Bucket(ctx, name); err != nil {
			return nil, err
		}
		if s.conns[name], err = means.Peers(name); err != nil {
			return nil, fmt.Errorf("reach %s: %w", name, err)
		}
		s.buckets = append(s.buckets, mirrors[name])
		wakes = append(wakes, queue.Wake{Bucket: mirrors[name], Keys: clustersOf, After: time.Duration(float64(gathering) / means.Sessions.TimeScale())})
	}
	for _, bucket := range s.buckets {
		s.copiers = append(s.copiers, &timeline.Copier{JetStream: js, Bucket: bucket})
	}
	clusters := s.clusters(own, mirrors, means.Sessions.TimeScale())
	credentials := identityv1.NewCredentialServiceClient(s.conns["identity"])
	s.server = api.NewServer(clusters, timeline.New(js), api.Kubeconfig{Sign: func(
		ctx context.Context, in *identityv1.IssueClientCertificateRequest,
	) (*identityv1.IssueClientCertificateResponse, error) {
		return credentials.IssueClientCertificate(ctx, in)
	}})
	s.election = queue.Election{Service: Name, Name: "timeline", Identity: means.Replica, Conn: means.Conn}
	s.controller, err = queue.New(queue.Options{
		Service: Name, Identity: means.Replica, Group: means.Group, Conn: means.Conn, Bucket: own, Wakes: wakes,
		Reconcile: reconciler.Each(clusters.Reconciler()),
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// clusters are the clusters in a bucket, whose parts the services serve.
func (s *Service) clusters(own *store.Bucket, mirrors map[string]*store.Bucket, pace float64) *api.Clusters {
	accounts := identityv1.NewAccountServiceClient(s.conns["identity"])
	networks := networkv1.NewNetworkServiceClient(s.conns["network"])
	return &api.Clusters{
		Bucket: own, Components: services{mirrors: mirrors, conns: s.conns}.components(), TimeScale: pace,
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

// clustersOf wakes the cluster that a part belongs to.
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

// Register implements service.Service.
func (s *Service) Register(registrar grpc.ServiceRegistrar) {
	clusterv1.RegisterClusterServiceServer(registrar, s.server)
	for name, services := range forwarded {
		for _, description := range services {
			forward.Register(registrar, description, s.conns[name])
		}
	}
}

// Ready implements service.Service.
func (s *Service) Ready(ctx context.Context) error { return service.Synced(ctx, s.buckets...) }

// Run implements service.Service.
func (s *Service) Run(ctx context.Context) error {
	parts := []func(context.Context) error{s.controller.Run, s.tell}
	for _, bucket := range s.buckets {
		parts = append(parts, bucket.Run)
	}
	return process.All(ctx, parts...)
}

// tell copies what happens to the timeline, on one replica at a time.
func (s *Service) tell(ctx context.Context) error {
	return queue.Elect(ctx, s.election, func(ctx context.Context) error {
		var parts []func(context.Context) error
		for _, copier := range s.copiers {
			parts = append(parts, copier.Run)
		}
		return process.All(ctx, parts...)
	})
}
