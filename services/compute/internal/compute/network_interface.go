package compute

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// NetworkInterface holds the private address of a control-plane member. It outlives the instance, so that the
// address of an etcd member never changes. CreateNetworkInterface takes a client token.
type NetworkInterface struct {
	graph.Node
	account
	Member Member
	Subnet *graph.Dependency
	Groups []*graph.Dependency
}

// PrivateAddress is the attribute with the private IPv4 address, and Zone the attribute with the availability zone.
const (
	PrivateAddress = "private-address"
	Zone           = "zone"
)

// Name implements graph.Resource.
func (n *NetworkInterface) Name() string { return "network-interface/" + n.Member.Name }

// Needs implements graph.Resource.
func (n *NetworkInterface) Needs() []graph.Resource { return needs(n.Groups, n.Subnet) }

// IdempotentCreate implements graph.IdempotentCreate.
func (n *NetworkInterface) IdempotentCreate() {}

// Observe implements graph.Resource.
func (n *NetworkInterface) Observe(ctx context.Context) (graph.State, error) {
	in := &ec2.DescribeNetworkInterfacesInput{Filters: session.ByIntent(n.Token())}
	if n.ID() != "" {
		in = &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{n.ID()}}
	}
	out, err := n.DescribeNetworkInterfaces(ctx, in)
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	found, err := session.Only(out.NetworkInterfaces)
	if err != nil || found == nil {
		return graph.Absent, err
	}
	n.setAttributes(found)
	if !sameGroups(found.Groups, values(n.Groups)) {
		return graph.Drifted, nil
	}
	return graph.Ready, nil
}

func (n *NetworkInterface) setAttributes(found *types.NetworkInterface) {
	n.SetID(aws.ToString(found.NetworkInterfaceId))
	n.SetAttribute(PrivateAddress, aws.ToString(found.PrivateIpAddress))
	n.SetAttribute(Zone, aws.ToString(found.AvailabilityZone))
}

// sameGroups reports whether found and desired are the same security groups, in any order. It returns true while
// the id of a desired group is missing, and during a delete, when desired is empty.
func sameGroups(found []types.GroupIdentifier, desired []string) bool {
	if len(desired) == 0 || slices.Contains(desired, "") {
		return true
	}
	observed := make([]string, 0, len(found))
	for _, group := range found {
		observed = append(observed, aws.ToString(group.GroupId))
	}
	return slices.Equal(slices.Sorted(slices.Values(observed)), slices.Sorted(slices.Values(desired)))
}

// Create implements graph.Resource.
func (n *NetworkInterface) Create(ctx context.Context) (graph.State, error) {
	out, err := n.CreateNetworkInterface(ctx, &ec2.CreateNetworkInterfaceInput{
		SubnetId:          aws.String(n.Subnet.Value),
		Groups:            values(n.Groups),
		Description:       aws.String("The control plane of " + n.owner.ClusterName + " in " + n.Member.Name),
		ClientToken:       aws.String(n.Token()),
		TagSpecifications: n.owner.EC2Tags(types.ResourceTypeNetworkInterface, n.Name(), n.Token(), n.owner.KubernetesTag("owned")),
	})
	if err != nil {
		return graph.Absent, err
	}
	n.setAttributes(out.NetworkInterface)
	return graph.Ready, nil
}

// Update implements graph.Updater. It restores the security groups.
func (n *NetworkInterface) Update(ctx context.Context) error {
	_, err := n.ModifyNetworkInterfaceAttribute(ctx, &ec2.ModifyNetworkInterfaceAttributeInput{
		NetworkInterfaceId: aws.String(n.ID()),
		Groups:             values(n.Groups),
	})
	return err
}

// Delete implements graph.Resource.
func (n *NetworkInterface) Delete(ctx context.Context) error {
	_, err := n.DeleteNetworkInterface(ctx, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: aws.String(n.ID())})
	return errorclass.IgnoreNotFound(err)
}
