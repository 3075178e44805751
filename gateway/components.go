package gateway

import (
	"google.golang.org/grpc"

	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/gateway/internal/composer"
	"github.com/skep-dev/skep/libs/engine/methods"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/service"
)

// services are the services that own components: their records, and the connections to
// them by name.
type services struct {
	records *service.Records
	conns   map[string]grpc.ClientConnInterface
}

// components are the clients of all object types that clusters consist of.
func (s services) components() *composer.ComponentClients {
	return &composer.ComponentClients{
		Network:         client[*networkv1.Network](s, object.Networks),
		ClusterIdentity: client[*identityv1.ClusterIdentity](s, object.ClusterIdentities),
		APIEndpoint:     client[*ingressv1.ApiEndpoint](s, object.ApiEndpoints),
		Ingress:         client[*ingressv1.Ingress](s, object.Ingresses),
		ControlPlane:    client[*computev1.ControlPlane](s, object.ControlPlanes),
		NodePool:        client[*computev1.NodePool](s, object.NodePools),
		Bastion:         client[*bastionv1.Bastion](s, object.Bastions),
	}
}

// client is the client of one object type.
func client[R object.Object](s services, t object.Type) *composer.ComponentClient[R] {
	return &composer.ComponentClient[R]{
		Find:    (&componentCache[R]{mirror: s.records.Of(t.Service), objectType: t}).find,
		Service: methods.NewClient[R](s.conns[t.Service], t),
	}
}
