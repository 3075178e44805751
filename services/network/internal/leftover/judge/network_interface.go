package judge

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
	"github.com/skep-dev/skep/services/network/internal/leftover/ownership"
	"github.com/skep-dev/skep/services/network/internal/leftover/scan"
)

// interfaceBlocks returns the ids of the resources that a network interface blocks.
func interfaceBlocks(i types.NetworkInterface) []string {
	blocks := []string{aws.ToString(i.SubnetId)}
	for _, group := range i.Groups {
		blocks = append(blocks, aws.ToString(group.GroupId))
	}
	if i.Association != nil {
		blocks = append(blocks, finding.InternetGatewayAttachmentKey)
	}
	return blocks
}

// interfaces judges the network interfaces that no other resource stands for.
func (j judge) interfaces() []finding.Finding {
	var found []finding.Finding
	for _, i := range j.Interfaces {
		t := ownership.EC2Tags(i.TagSet)
		if scan.IsNAT(i) || j.Accounts(aws.ToString(i.NetworkInterfaceId), t) {
			continue
		}
		disposition, ok := j.interfaceDisposition(i, t)
		if !ok {
			continue
		}
		one := finding.Finding{
			Type: finding.NetworkInterface, ID: aws.ToString(i.NetworkInterfaceId), Name: nameOr(t, aws.ToString(i.Description)),
			Disposition: disposition, Creator: j.Cluster.InterfaceCreator(i), Blocks: interfaceBlocks(i), Price: finding.Free,
		}
		if i.Association != nil {
			one.Price = finding.Hourly(finding.PublicAddressHour, 1)
		}
		found = append(found, one)
	}
	return found
}

// interfaceDisposition returns the disposition of a network interface, or false if another
// resource stands for it.
func (j judge) interfaceDisposition(i types.NetworkInterface, t ownership.Tags) (finding.Disposition, bool) {
	switch {
	case i.Attachment != nil && i.Attachment.InstanceId != nil:
		// The instance stands for an interface that AWS deletes with it, and for every interface
		// while Skep keeps the instance.
		outlives := !aws.ToBool(i.Attachment.DeleteOnTermination)
		return finding.Delete, outlives && j.deletes(j.Instance(*i.Attachment.InstanceId))
	case aws.ToBool(i.RequesterManaged):
		// The served resource stands for its interface while Skep does not delete it.
		deleted, exists := j.servedIsDeleted(i)
		return finding.ReleasedByAWS, deleted || !exists
	case ownership.IsPodInterface(t, aws.ToString(i.Description)):
		// An interface of the CNI without a tag of the cluster. In a VPC of Skep it belongs to an instance of
		// the cluster, or to a foreign instance that is itself a finding.
		return finding.Delete, true
	}
	return j.disposition(t), true
}

// servedIsDeleted reports whether Skep deletes the load balancer or endpoint that a network interface of
// AWS serves, and whether that exists.
func (j judge) servedIsDeleted(i types.NetworkInterface) (deleted, exists bool) {
	for _, b := range j.LoadBalancers {
		if b.Has(i) {
			return j.isLeftover(b.Tags), true
		}
	}
	for _, e := range j.Endpoints {
		if slices.Contains(e.NetworkInterfaceIds, aws.ToString(i.NetworkInterfaceId)) {
			t := ownership.EC2Tags(e.Tags)
			return !j.Accounts(aws.ToString(e.VpcEndpointId), t) && j.Cluster.Owns(t), true
		}
	}
	return false, false
}
