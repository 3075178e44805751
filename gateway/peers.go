package gateway

import (
	"context"

	"google.golang.org/grpc"

	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/gateway/internal/composer"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
)

// peers are the services that serve the parts of clusters: what is known of
// them from the mirrors of their buckets, and how they are called.
func peers(mirrors map[string]*store.Bucket, conns map[string]grpc.ClientConnInterface) *composer.ComponentClients {
	networks := networkv1.NewNetworkServiceClient(conns["network"])
	identities := identityv1.NewClusterIdentityServiceClient(conns["identity"])
	endpoints := ingressv1.NewApiEndpointServiceClient(conns["ingress"])
	ingresses := ingressv1.NewIngressServiceClient(conns["ingress"])
	controlPlanes := computev1.NewControlPlaneServiceClient(conns["compute"])
	nodePools := computev1.NewNodePoolServiceClient(conns["compute"])
	bastions := bastionv1.NewBastionServiceClient(conns["bastion"])
	return &composer.ComponentClients{
		Network: peer(mirrors["network"], object.Networks, calls[*networkv1.Network]{
			get: func(ctx context.Context, name string) (*networkv1.Network, error) {
				out, err := networks.GetNetwork(ctx, &networkv1.GetNetworkRequest{Name: name})
				return out.GetNetwork(), err
			},
			apply: func(ctx context.Context, r *networkv1.Network, check bool) error {
				_, err := networks.ApplyNetwork(ctx, &networkv1.ApplyNetworkRequest{Network: r, ValidateOnly: check})
				return err
			},
			delete: func(ctx context.Context, name, uid string) error {
				_, err := networks.DeleteNetwork(ctx, &networkv1.DeleteNetworkRequest{Name: name, Uid: uid, AllowMissing: true})
				return err
			},
			plan: func(ctx context.Context, r *networkv1.Network, zones []string) ([]*typev1.PlannedAction, []string, error) {
				out, err := networks.PlanNetwork(ctx, &networkv1.PlanNetworkRequest{Network: r, AssumeZones: zones})
				return out.GetActions(), out.GetZones(), err
			},
		}),
		ClusterIdentity: peer(mirrors["identity"], object.ClusterIdentities, calls[*identityv1.ClusterIdentity]{
			get: func(ctx context.Context, name string) (*identityv1.ClusterIdentity, error) {
				out, err := identities.GetClusterIdentity(ctx, &identityv1.GetClusterIdentityRequest{Name: name})
				return out.GetClusterIdentity(), err
			},
			apply: func(ctx context.Context, r *identityv1.ClusterIdentity, check bool) error {
				_, err := identities.ApplyClusterIdentity(ctx, &identityv1.ApplyClusterIdentityRequest{ClusterIdentity: r, ValidateOnly: check})
				return err
			},
			delete: func(ctx context.Context, name, uid string) error {
				_, err := identities.DeleteClusterIdentity(ctx, &identityv1.DeleteClusterIdentityRequest{Name: name, Uid: uid, AllowMissing: true})
				return err
			},
			plan: func(ctx context.Context, r *identityv1.ClusterIdentity, zones []string) ([]*typev1.PlannedAction, []string, error) {
				out, err := identities.PlanClusterIdentity(ctx, &identityv1.PlanClusterIdentityRequest{ClusterIdentity: r, AssumeZones: zones})
				return out.GetActions(), out.GetZones(), err
			},
		}),
		APIEndpoint: peer(mirrors["ingress"], object.ApiEndpoints, calls[*ingressv1.ApiEndpoint]{
			get: func(ctx context.Context, name string) (*ingressv1.ApiEndpoint, error) {
				out, err := endpoints.GetApiEndpoint(ctx, &ingressv1.GetApiEndpointRequest{Name: name})
				return out.GetApiEndpoint(), err
			},
			apply: func(ctx context.Context, r *ingressv1.ApiEndpoint, check bool) error {
				_, err := endpoints.ApplyApiEndpoint(ctx, &ingressv1.ApplyApiEndpointRequest{ApiEndpoint: r, ValidateOnly: check})
				return err
			},
			delete: func(ctx context.Context, name, uid string) error {
				_, err := endpoints.DeleteApiEndpoint(ctx, &ingressv1.DeleteApiEndpointRequest{Name: name, Uid: uid, AllowMissing: true})
				return err
			},
			plan: func(ctx context.Context, r *ingressv1.ApiEndpoint, zones []string) ([]*typev1.PlannedAction, []string, error) {
				out, err := endpoints.PlanApiEndpoint(ctx, &ingressv1.PlanApiEndpointRequest{ApiEndpoint: r, AssumeZones: zones})
				return out.GetActions(), out.GetZones(), err
			},
		}),
		Ingress: peer(mirrors["ingress"], object.Ingresses, calls[*ingressv1.Ingress]{
			get: func(ctx context.Context, name string) (*ingressv1.Ingress, error) {
				out, err := ingresses.GetIngress(ctx, &ingressv1.GetIngressRequest{Name: name})
				return out.GetIngress(), err
			},
			apply: func(ctx context.Context, r *ingressv1.Ingress, check bool) error {
				_, err := ingresses.ApplyIngress(ctx, &ingressv1.ApplyIngressRequest{Ingress: r, ValidateOnly: check})
				return err
			},
			delete: func(ctx context.Context, name, uid string) error {
				_, err := ingresses.DeleteIngress(ctx, &ingressv1.DeleteIngressRequest{Name: name, Uid: uid, AllowMissing: true})
				return err
			},
			plan: func(ctx context.Context, r *ingressv1.Ingress, zones []string) ([]*typev1.PlannedAction, []string, error) {
				out, err := ingresses.PlanIngress(ctx, &ingressv1.PlanIngressRequest{Ingress: r, AssumeZones: zones})
				return out.GetActions(), out.GetZones(), err
			},
		}),
		ControlPlane: peer(mirrors["compute"], object.ControlPlanes, calls[*computev1.ControlPlane]{
			get: func(ctx context.Context, name string) (*computev1.ControlPlane, error) {
				out, err := controlPlanes.GetControlPlane(ctx, &computev1.GetControlPlaneRequest{Name: name})
				return out.GetControlPlane(), err
			},
			apply: func(ctx context.Context, r *computev1.ControlPlane, check bool) error {
				_, err := controlPlanes.ApplyControlPlane(ctx, &computev1.ApplyControlPlaneRequest{ControlPlane: r, ValidateOnly: check})
				return err
			},
			delete: func(ctx context.Context, name, uid string) error {
				_, err := controlPlanes.DeleteControlPlane(ctx, &computev1.DeleteControlPlaneRequest{Name: name, Uid: uid, AllowMissing: true})
				return err
			},
			plan: func(ctx context.Context, r *computev1.ControlPlane, zones []string) ([]*typev1.PlannedAction, []string, error) {
				out, err := controlPlanes.PlanControlPlane(ctx, &computev1.PlanControlPlaneRequest{ControlPlane: r, AssumeZones: zones})
				return out.GetActions(), out.GetZones(), err
			},
		}),
		NodePool: peer(mirrors["compute"], object.NodePools, calls[*computev1.NodePool]{
			get: func(ctx context.Context, name string) (*computev1.NodePool, error) {
				out, err := nodePools.GetNodePool(ctx, &computev1.GetNodePoolRequest{Name: name})
				return out.GetNodePool(), err
			},
			apply: func(ctx context.Context, r *computev1.NodePool, check bool) error {
				_, err := nodePools.ApplyNodePool(ctx, &computev1.ApplyNodePoolRequest{NodePool: r, ValidateOnly: check})
				return err
			},
			delete: func(ctx context.Context, name, uid string) error {
				_, err := nodePools.DeleteNodePool(ctx, &computev1.DeleteNodePoolRequest{Name: name, Uid: uid, AllowMissing: true})
				return err
			},
			plan: func(ctx context.Context, r *computev1.NodePool, zones []string) ([]*typev1.PlannedAction, []string, error) {
				out, err := nodePools.PlanNodePool(ctx, &computev1.PlanNodePoolRequest{NodePool: r, AssumeZones: zones})
				return out.GetActions(), out.GetZones(), err
			},
		}),
		Bastion: peer(mirrors["bastion"], object.Bastions, calls[*bastionv1.Bastion]{
			get: func(ctx context.Context, name string) (*bastionv1.Bastion, error) {
				out, err := bastions.GetBastion(ctx, &bastionv1.GetBastionRequest{Name: name})
				return out.GetBastion(), err
			},
			apply: func(ctx context.Context, r *bastionv1.Bastion, check bool) error {
				_, err := bastions.ApplyBastion(ctx, &bastionv1.ApplyBastionRequest{Bastion: r, ValidateOnly: check})
				return err
			},
			delete: func(ctx context.Context, name, uid string) error {
				_, err := bastions.DeleteBastion(ctx, &bastionv1.DeleteBastionRequest{Name: name, Uid: uid, AllowMissing: true})
				return err
			},
			plan: func(ctx context.Context, r *bastionv1.Bastion, zones []string) ([]*typev1.PlannedAction, []string, error) {
				out, err := bastions.PlanBastion(ctx, &bastionv1.PlanBastionRequest{Bastion: r, AssumeZones: zones})
				return out.GetActions(), out.GetZones(), err
			},
		}),
	}
}

// calls are the methods of the service of one kind of part.
type calls[R object.Object] struct {
	get    func(ctx context.Context, name string) (R, error)
	apply  func(ctx context.Context, r R, check bool) error
	delete func(ctx context.Context, name, uid string) error
	plan   func(ctx context.Context, r R, zones []string) ([]*typev1.PlannedAction, []string, error)
}

func peer[R object.Object](mirror *store.Bucket, noun object.Type, c calls[R]) *composer.ComponentClient[R] {
	return &composer.ComponentClient[R]{
		Find:   (&componentCache[R]{mirror: mirror, noun: noun}).find,
		Get:    c.get,
		Apply:  func(ctx context.Context, r R) error { return c.apply(ctx, r, false) },
		Check:  func(ctx context.Context, r R) error { return c.apply(ctx, r, true) },
		Delete: c.delete,
		Plan:   c.plan,
	}
}
