package composer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"sigs.k8s.io/yaml"

	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/gateway/internal/composer"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// suite stands for the other services and their mirrors.
type suite struct {
	mu       sync.Mutex
	objects  map[string]object.Object
	mirrored bool             // Whether the mirrors show the objects.
	invalid  map[string]error // The answers of Validate by name.
	down     error            // The answer of Get.
}

func newSuite() *suite {
	return &suite{objects: make(map[string]object.Object), mirrored: true, invalid: make(map[string]error)}
}

// clients returns clients that read and change the objects of the suite.
func (s *suite) clients() *composer.ComponentClients {
	return &composer.ComponentClients{
		Network: client[*networkv1.Network](s), ClusterIdentity: client[*identityv1.ClusterIdentity](s),
		APIEndpoint: client[*ingressv1.ApiEndpoint](s), Ingress: client[*ingressv1.Ingress](s),
		ControlPlane: client[*computev1.ControlPlane](s), NodePool: client[*computev1.NodePool](s), Bastion: client[*bastionv1.Bastion](s),
	}
}

func client[R object.Object](s *suite) *composer.ComponentClient[R] {
	service := component[R]{suite: s}
	return &composer.ComponentClient[R]{
		Find: func(name string) (R, bool) {
			r, ok := service.find(name)
			return r, ok && s.mirrored
		},
		Service: service,
	}
}

// component is the service of one object type.
type component[R object.Object] struct {
	composer.Service[R]
	*suite
}

func (c component[R]) find(name string) (R, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.objects[name].(R)
	return r, ok
}

func (c component[R]) Get(_ context.Context, name string) (R, error) {
	r, ok := c.find(name)
	if c.down != nil {
		return r, c.down
	}
	if !ok {
		return r, fault.NotFoundf("%s does not exist", name)
	}
	return r, nil
}

func (c component[R]) Apply(_ context.Context, r R) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.objects[r.GetName()] = r
	return nil
}

func (c component[R]) Validate(_ context.Context, r R) error { return c.invalid[r.GetName()] }

func (c component[R]) Delete(_ context.Context, name, uid string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if stored, ok := c.objects[name]; ok && stored.GetUid() == uid {
		delete(c.objects, name)
	}
	return nil
}

// quickstart returns the cluster of examples/quickstart.yaml.
func quickstart(t *testing.T) *clusterv1.Cluster {
	t.Helper()
	text, err := os.ReadFile("../../../examples/quickstart.yaml")
	require.NoError(t, err)
	document, err := yaml.YAMLToJSON(text)
	require.NoError(t, err)
	c := new(clusterv1.Cluster)
	require.NoError(t, protojson.Unmarshal(document, c))
	c.Name, c.Uid = "organizations/demo/clusters/orchid", "orchiduid1"
	return c
}

func TestQuickstartComposesTheGoldenComponents(t *testing.T) {
	t.Parallel()
	s := newSuite()
	composed := s.clients().Compose(quickstart(t))
	report := composed.Graph.Ensure(t.Context(), graph.Walk{Ledger: graph.NewMemory("test")})
	require.NoError(t, report.Err())
	var got bytes.Buffer
	got.WriteString(report.String())
	var names []string
	for name := range s.objects {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text, err := protojson.Marshal(s.objects[name])
		require.NoError(t, err)
		got.WriteString("\n")
		require.NoError(t, json.Indent(&got, text, "", "  "))
	}
	got.WriteString("\n")
	const golden = "testdata/quickstart.golden"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(golden, got.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got.String(), "if the change is intended, run with UPDATE_GOLDEN=1")
}

func TestAClusterIsDeletedFromItsLedgerAlone(t *testing.T) {
	t.Parallel()
	s, ledger := newSuite(), graph.NewMemory("test")
	s.clients().Compose(quickstart(t)).Graph.Ensure(t.Context(), graph.Walk{Ledger: ledger})
	require.NotEmpty(t, s.objects)
	walk := graph.Walk{Ledger: ledger, Factories: s.clients().Factories(quickstart(t)), Resync: true}
	require.NoError(t, walk.Delete(t.Context()).Err())
	require.Empty(t, s.objects)
	require.True(t, walk.Delete(t.Context()).Settled())
	require.Empty(t, ledger.Entries())
}

func TestBadFieldsHaveTheirPathInTheClusterDocument(t *testing.T) {
	t.Parallel()
	c := quickstart(t)
	c.Spec.NodePools = map[string]*clusterv1.ClusterNodePool{"workers": {InstanceTypes: []string{"m7g.large"}}}
	const org = "organizations/demo/"
	for path, test := range map[string]struct{ component, field string }{
		"spec.network.managed.cidr":                       {org + "networks/orchid", "spec.vpc.cidr"},
		"spec.controlPlane.apiCidrs[1]":                   {org + "networks/orchid", "network.spec.access.apiCidrs[1]"},
		"spec.bastion.vpnCidrs[0]":                        {org + "networks/orchid", "spec.access.vpnCidrs[0]"},
		"spec.region":                                     {org + "networks/orchid", "spec.region"},
		"spec.ingress.domain":                             {org + "apiEndpoints/orchid", "spec.zoneName"},
		"spec.ingress.loadBalancer":                       {org + "ingresses/orchid", "spec.loadBalancer"},
		"spec.controlPlane.selfManaged.replicas":          {org + "controlPlanes/orchid", "spec.replicas"},
		"spec.controlPlane.selfManaged.instanceType":      {org + "controlPlanes/orchid", "spec.instanceType"},
		"spec.kubernetesVersion":                          {org + "controlPlanes/orchid", "spec.kubernetesVersion"},
		"spec.nodePools.workers.minSize":                  {org + "nodePools/orchid.workers", "spec.minSize"},
		"spec.nodePools.workers.instanceTypes[0]":         {org + "nodePools/orchid.workers", "spec.instanceTypes[0]"},
		"spec.nodePools.workers.labels[\"example/tier\"]": {org + "nodePools/orchid.workers", "spec.nodeLabels[\"example/tier\"]"},
		"name": {org + "networks/orchid", "name"},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := newSuite()
			s.invalid[test.component] = fault.InvalidFields(fault.Field{Path: test.field, Message: "is wrong"})
			err := s.clients().Compose(c).Check(t.Context())
			require.Error(t, err)
			require.Equal(t, []fault.Field{{Path: path, Message: "is wrong"}}, fault.Of(err).Fields)
		})
	}
}

func TestOneFaultHasTheBadFieldsOfAllComponents(t *testing.T) {
	t.Parallel()
	s := newSuite()
	require.NoError(t, s.clients().Compose(quickstart(t)).Check(t.Context()))
	s.invalid["organizations/demo/networks/orchid"] = fault.InvalidFields(fault.Field{Path: "spec.vpc.cidr"}, fault.Field{Path: "spec.vpc.zones"})
	s.invalid["organizations/demo/controlPlanes/orchid"] = fault.InvalidFields(fault.Field{Path: "spec.replicas"})
	require.Len(t, fault.Of(s.clients().Compose(quickstart(t)).Check(t.Context())).Fields, 3)
	s.invalid["organizations/demo/ingresses/orchid"] = fault.Unavailablef("ingress is down")
	require.True(t, fault.Is(s.clients().Compose(quickstart(t)).Check(t.Context()), fault.Unavailable))
}

func TestComponentHasTheStateThatItsServiceReports(t *testing.T) {
	t.Parallel()
	const name = "organizations/demo/networks/orchid"
	desired := &networkv1.Network{Name: name, Spec: &networkv1.NetworkSpec{Region: "eu-central-1"}}
	in := func(state typev1.State, conditions ...*typev1.Condition) *networkv1.Network {
		n := proto.CloneOf(desired)
		n.Status = &networkv1.NetworkStatus{State: state, Conditions: conditions}
		return n
	}
	failed := func(actor typev1.Fault_Actor, class typev1.Fault_Class) *typev1.Condition {
		return &typev1.Condition{Type: "Ready", Fault: &typev1.Fault{Actor: actor, Class: class, Message: "too many VPCs"}}
	}
	drifted, deleting := in(typev1.State_READY), in(typev1.State_READY)
	drifted.Spec.Region = "eu-west-1"
	deleting.DeleteTime = timestamppb.Now()
	for title, test := range map[string]struct {
		stored  *networkv1.Network
		stale   bool
		down    error
		state   graph.State
		err     string
		deleted bool // Whether the component is deleted, without a desired state.
	}{
		"it does not exist":                        {state: graph.Absent},
		"it is being created":                      {stored: in(typev1.State_CREATING), state: graph.Pending},
		"it is ready":                              {stored: in(typev1.State_READY), state: graph.Ready},
		"it is ready and the mirror lags":          {stored: in(typev1.State_READY), stale: true, state: graph.Ready},
		"the mirror lags and the service is down":  {stale: true, down: fault.Unavailablef("network is down"), err: "network is down"},
		"it is degraded":                           {stored: in(typev1.State_DEGRADED), state: graph.Pending},
		"its spec differs":                         {stored: drifted, state: graph.Drifted},
		"it is being deleted":                      {stored: deleting, state: graph.Pending},
		"the account administrator must act":       {stored: in(typev1.State_FAILED, failed(typev1.Fault_ACCOUNT_ADMINISTRATOR, typev1.Fault_QUOTA)), state: graph.Pending, err: "too many VPCs"},
		"Skep retries":                             {stored: in(typev1.State_UPDATING, failed(typev1.Fault_NONE, typev1.Fault_TRANSIENT)), state: graph.Pending},
		"it is to be deleted and its spec differs": {stored: drifted, state: graph.Ready, deleted: true},
		"it is to be deleted and is being created": {stored: in(typev1.State_CREATING), state: graph.Ready, deleted: true},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s := newSuite()
			s.mirrored, s.down = !test.stale, test.down
			if test.stored != nil {
				s.objects[name] = test.stored
			}
			component := &composer.Component[*networkv1.Network]{Client: s.clients().Network, Label: "network", Desired: desired}
			if test.deleted {
				component.Desired = nil
			}
			component.SetID(name)
			state, err := component.Observe(t.Context())
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, test.state, state)
		})
	}
}

func TestClusterStatusShowsTheStatusOfItsComponents(t *testing.T) {
	t.Parallel()
	s, c := newSuite(), quickstart(t)
	clients := s.clients()
	c.Status = new(clusterv1.ClusterStatus)
	clients.Describe(c, nil)
	require.Empty(t, c.GetStatus().GetResources())
	clients.Compose(c).Graph.Ensure(t.Context(), graph.Walk{Ledger: graph.NewMemory("test")})
	network := s.objects["organizations/demo/networks/orchid"].(*networkv1.Network)
	network.Status = &networkv1.NetworkStatus{State: typev1.State_CREATING, EgressAddresses: []string{"198.51.100.1"},
		Conditions: []*typev1.Condition{{Type: "Ready", Status: typev1.Condition_FALSE, Message: "subnet/a"}},
		Resources:  []*typev1.InventoryItem{{Name: "vpc", Id: "vpc-1", State: typev1.InventoryItem_READY}, {Name: "subnet/a", State: typev1.InventoryItem_PENDING}}}
	s.objects["organizations/demo/apiEndpoints/orchid"].(*ingressv1.ApiEndpoint).Status = &ingressv1.ApiEndpointStatus{Host: "api.orchid.example.com"}
	clients.Describe(c, nil)
	clients.Describe(c, nil) // Describe replaces what the first call wrote.
	require.Equal(t, "https://api.orchid.example.com", c.GetStatus().GetApiUrl())
	require.Equal(t, []string{"198.51.100.1"}, c.GetStatus().GetEgressAddresses())
	require.True(t, proto.Equal(&clusterv1.ClusterComponent{Name: network.GetName(), Label: "network", State: typev1.State_CREATING, Message: "subnet/a", Ready: 1, Desired: 2}, c.GetStatus().GetComponents()[0]))
	require.Len(t, c.GetStatus().GetResources(), 2)
	require.Equal(t, "network/vpc", c.GetStatus().GetResources()[0].GetName())
	require.Equal(t, "vpc", network.GetStatus().GetResources()[0].GetName(), "the component itself is unchanged")
}
