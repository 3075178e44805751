package progress

import (
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
)

// epoch is the time of creation of the cluster in the tests.
var epoch = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func at(second int) *timestamppb.Timestamp {
	return timestamppb.New(epoch.Add(time.Duration(second) * time.Second))
}

// timedResource is one resource of the cluster with its times in seconds: intent, ready, start
// and end of the deletion.
type timedResource struct {
	name, id                                string
	intended, ready, deleteStart, deleteEnd int
}

// timedResources are the resources of a small cluster.
var timedResources = []timedResource{
	{"network/vpc", "vpc-0a1b2c3d4e5f60718", 0, 1, 80, 84},
	{"network/subnet/public/eu-central-1a", "subnet-0a1b2c3d4e5f60718", 1, 2, 76, 79},
	{"network/address/eu-central-1a", "eipalloc-0a1b2c3d4e5f607", 0, 1, 74, 75},
	{"network/nat-gateway/eu-central-1a", "nat-0a1b2c3d4e5f60718", 2, 109, 60, 73},
	{"cluster-identity/role/control-plane", "AROA123456789EXAMPLE1", 0, 1, 62, 63},
	{"cluster-identity/instance-profile/control-plane", "AIPA123456789EXAMPLE1", 1, 2, 61, 62},
	{"control-plane/network-interface/0", "eni-0a1b2c3d4e5f60718", 3, 4, 66, 67},
	{"control-plane/instance/0", "i-0a1b2c3d4e5f60718", 110, 151, 60, 65},
	{"node-pool/workers/launch-template", "lt-0a1b2c3d4e5f60718", 3, 4, 70, 71},
	{"node-pool/workers/auto-scaling-group", "quickstart-workers", 112, 190, 60, 70},
}

// components are the components of the cluster.
var components = []string{"networks/orchid", "clusterIdentities/orchid", "controlPlanes/orchid", "nodePools/orchid.workers"}

// creating returns the cluster at a second after the create request.
func creating(second int) *clusterv1.Cluster {
	c := &clusterv1.Cluster{
		Name: "organizations/demo/clusters/orchid", Generation: 1, CreateTime: at(0),
		Status: &clusterv1.ClusterStatus{State: typev1.State_CREATING, ObservedGeneration: 1},
	}
	for _, t := range timedResources {
		i := &typev1.InventoryItem{Name: t.name, State: typev1.InventoryItem_BLOCKED, Message: "waits for its dependencies"}
		if second >= t.intended {
			i.State, i.Message, i.IntendTime, i.Since, i.Id = typev1.InventoryItem_PENDING, "", at(t.intended), at(t.intended), t.id
		}
		if second >= t.ready {
			i.State, i.ReadyTime, i.Since = typev1.InventoryItem_READY, at(t.ready), at(t.ready)
		}
		c.Status.Resources = append(c.Status.Resources, i)
	}
	divide(c)
	if !slices.ContainsFunc(c.GetStatus().GetComponents(), func(p *clusterv1.ClusterComponent) bool { return p.GetState() != typev1.State_READY }) {
		c.Status.State, c.Status.ReadyTime = typev1.State_READY, at(190)
	}
	return c
}

// deleting returns the cluster at a second after the delete request.
func deleting(second int) *clusterv1.Cluster {
	c := creating(1000)
	c.DeleteTime, c.Status.State = at(0), typev1.State_DELETING
	c.Status.Resources = slices.DeleteFunc(c.GetStatus().GetResources(), func(i *typev1.InventoryItem) bool {
		t := timedResources[slices.IndexFunc(timedResources, func(t timedResource) bool { return t.name == i.GetName() })]
		if second >= t.deleteStart-60 {
			i.State, i.Since = typev1.InventoryItem_DELETING, at(t.deleteStart-60)
		}
		return second >= t.deleteEnd-60
	})
	divide(c)
	return c
}

// failed returns the cluster after AWS refused an address.
func failed() *clusterv1.Cluster {
	c := creating(20)
	address := c.GetStatus().GetResources()[2]
	address.State, address.Since, address.Id = typev1.InventoryItem_FAILED, at(9), ""
	address.Fault = &typev1.Fault{Message: "The maximum number of addresses has been reached.", AwsCode: "AddressLimitExceeded", Remedy: "Raise the quota L-0263D0A3 of the account, or release addresses."}
	c.Status.State = typev1.State_FAILED
	c.Status.Conditions = []*typev1.Condition{{Type: "NetworkReady", Status: typev1.Condition_FALSE, Fault: address.GetFault()}}
	divide(c)
	return c
}

// divide sets the components of a cluster from its resources.
func divide(c *clusterv1.Cluster) {
	c.Status.Components = nil
	all := &board{}
	for _, name := range components {
		component := &clusterv1.ClusterComponent{Name: "organizations/demo/" + name, Label: objecttype.Label(c.GetName(), "organizations/demo/"+name), State: c.GetStatus().GetState()}
		single := &clusterv1.Cluster{Name: c.GetName(), Status: &clusterv1.ClusterStatus{Components: []*clusterv1.ClusterComponent{component}}}
		all.merge(single, epoch)
		label := all.components[len(all.components)-1].label + "/"
		for _, i := range c.GetStatus().GetResources() {
			if len(i.GetName()) > len(label) && i.GetName()[:len(label)] == label {
				component.Desired++
				if i.GetState() == typev1.InventoryItem_READY {
					component.Ready++
				}
			}
		}
		switch {
		case c.GetDeleteTime() != nil:
		case component.GetReady() == component.GetDesired():
			component.State = typev1.State_READY
		case name != components[0]:
			component.State = typev1.State_CREATING
		}
		if component.GetDesired() > 0 || c.GetDeleteTime() == nil {
			c.Status.Components = append(c.Status.Components, component)
		}
	}
}

// sequence returns a sequence of snapshots.
func sequence(snapshots ...*clusterv1.Cluster) iter.Seq2[*clusterv1.Cluster, error] {
	return func(yield func(*clusterv1.Cluster, error) bool) {
		for _, c := range snapshots {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// golden compares a text with a file, or writes the file if UPDATE_GOLDEN is set.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}
