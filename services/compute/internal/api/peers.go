package api

import (
	"context"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/services/compute/internal/compute"
)

// Peers is where machines are built and what other services provide for them.
type Peers struct {
	// Own holds control planes and node pools; the others are mirrors.
	Own, Network, Identity, Ingress *store.Bucket
	// Sessions opens accounts.
	Sessions *session.Pool
	// Installation is tagged on everything.
	Installation string
}

// specification is what control planes and node pools both say.
type specification interface {
	GetAccount() string
	GetRegion() string
	GetCluster() *typev1.ClusterReference
	GetNetwork() string
	GetClusterIdentity() string
	GetApiEndpoint() string
}

// network is the network of a specification, nil while it is not there.
func (p *Peers) network(spec specification) *networkv1.Network {
	n, _ := object.Find[*networkv1.Network](p.Network, object.Networks, spec.GetNetwork())
	return n
}

// provided reads what others provide for a specification in these zones.
func (p *Peers) provided(spec specification, zones []string) provided {
	identity, _ := object.Find[*identityv1.ClusterIdentity](p.Identity, object.ClusterIdentities, spec.GetClusterIdentity())
	endpoint, _ := object.Find[*ingressv1.ApiEndpoint](p.Ingress, object.ApiEndpoints, spec.GetApiEndpoint())
	return provided{
		network:      parseNetwork(spec.GetNetwork(), p.network(spec), zones),
		endpoint:     parseEndpoint(spec.GetApiEndpoint(), endpoint),
		ingress:      p.ingress(spec),
		identityName: spec.GetClusterIdentity(),
		identity:     identity,
	}
}

// ingress is what the ingress of the same cluster provides, nil if the
// specification belongs to no cluster, or to one without an ingress.
func (p *Peers) ingress(spec specification) *compute.Ingress {
	cluster := spec.GetCluster().GetName()
	if cluster == "" {
		return nil
	}
	name := object.NameOf(object.Organization(cluster), object.Ingresses.CollectionID, object.ID(cluster))
	found, ok := object.Find[*ingressv1.Ingress](p.Ingress, object.Ingresses, name)
	if !ok || found.GetDeleteTime() != nil {
		return nil
	}
	return &compute.Ingress{From: name, TargetGroups: found.GetStatus().GetTargetGroupArns()}
}

func (p *Peers) open(ctx context.Context, spec specification) (compute.AWS, error) {
	session, err := p.Sessions.Session(ctx, spec.GetAccount(), spec.GetRegion())
	if err != nil {
		return compute.AWS{}, err
	}
	return compute.Open(session.Config), nil
}
