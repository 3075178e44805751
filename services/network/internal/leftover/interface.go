package leftover

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// isNAT reports whether a network interface is that of a NAT gateway, which
// answers for it.
func isNAT(i types.NetworkInterface) bool {
	return i.InterfaceType == types.NetworkInterfaceTypeNatGateway || strings.HasPrefix(aws.ToString(i.Description), "Interface for NAT Gateway ")
}

// stands is what a network interface stands on.
func stands(i types.NetworkInterface) []string {
	on := []string{aws.ToString(i.SubnetId)}
	for _, group := range i.Groups {
		on = append(on, aws.ToString(group.GroupId))
	}
	if i.Association != nil {
		on = append(on, Door)
	}
	return on
}

// judgeInterfaces judges the network interfaces that nothing else answers for.
func (s *scenery) judgeInterfaces() []Thing {
	var things []Thing
	for _, i := range s.interfaces {
		t := ec2Tags(i.TagSet)
		if isNAT(i) || s.known(aws.ToString(i.NetworkInterfaceId), t) {
			continue
		}
		thing := Thing{
			Sort: NetworkInterface, ID: aws.ToString(i.NetworkInterfaceId), Name: nameOf(t, aws.ToString(i.Description)),
			Fate: s.fate(t), Creator: s.requester(i), On: stands(i), Price: Price{Known: true},
		}
		if i.Association != nil {
			thing.Price = hourly(publicAddressHour, 1)
		}
		switch {
		case i.Attachment != nil && i.Attachment.InstanceId != nil:
			machine := s.instances[aws.ToString(i.Attachment.InstanceId)]
			if !living(machine) || aws.ToBool(i.Attachment.DeleteOnTermination) || s.fateOf(machine) != Goes {
				continue // It goes with its machine, or its machine answers for it.
			}
			thing.Fate = Goes
		case aws.ToBool(i.RequesterManaged):
			if fate, ok := s.served(i); ok && fate != Goes {
				continue // What it serves answers for it.
			}
			thing.Fate = Freed
		case t[tagPodInstance] != "" && strings.HasPrefix(aws.ToString(i.Description), "aws-K8S-"):
			// All machines in the VPC are the cluster's, or somebody answers for them.
			thing.Fate = Goes
		}
		things = append(things, thing)
	}
	return things
}

// served is the fate of what a network interface of AWS's own serves, if that is
// still there.
func (s *scenery) served(i types.NetworkInterface) (Fate, bool) {
	for _, b := range s.balancers {
		if b.has(i) {
			if s.Members && s.member(b.tags) {
				return "", true
			}
			return s.fate(b.tags), true
		}
	}
	for _, e := range s.endpoints {
		if slices.Contains(e.NetworkInterfaceIds, aws.ToString(i.NetworkInterfaceId)) {
			if s.known(aws.ToString(e.VpcEndpointId), ec2Tags(e.Tags)) {
				return "", true
			}
			return s.fate(ec2Tags(e.Tags)), true
		}
	}
	return "", false
}

// nameOf is the Name tag, or else what stands in for it.
func nameOf(t tags, otherwise string) string {
	if name := t["Name"]; name != "" {
		return name
	}
	return otherwise
}
