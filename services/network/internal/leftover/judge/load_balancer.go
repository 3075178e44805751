package judge

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
)

// loadBalancers judges the load balancers. A load balancer blocks its network interfaces, which
// AWS deletes after it, and its target groups.
func (j judge) loadBalancers() []finding.Finding {
	var found []finding.Finding
	for _, b := range j.LoadBalancers {
		if j.Accounts(b.ID, b.Tags) {
			continue
		}
		one := finding.Finding{
			Type: finding.LoadBalancer, ID: b.ID, Name: b.Name, Disposition: j.disposition(b.Tags), Creator: j.Cluster.Creator(b.Tags),
			CreateTime: b.CreateTime, Blocks: slices.Concat(b.Subnets, b.Groups), Price: finding.Hourly(finding.LoadBalancerHour, 1),
		}
		if b.Classic {
			one.Type, one.Price = finding.ClassicLoadBalancer, finding.Hourly(finding.ClassicLoadBalancerHour, 1)
		}
		for _, i := range j.Interfaces {
			if b.Has(i) {
				one.Blocks = append(one.Blocks, aws.ToString(i.NetworkInterfaceId))
				if i.Association != nil {
					one.Blocks = append(one.Blocks, finding.InternetGatewayAttachmentKey)
				}
			}
		}
		for _, group := range j.TargetGroups {
			if slices.Contains(group.LoadBalancerArns, b.ID) {
				one.Blocks = append(one.Blocks, aws.ToString(group.TargetGroupArn))
			}
		}
		found = append(found, one)
	}
	return found
}

// targetGroups judges the target groups of the VPC. They block nothing, but they outlive it.
func (j judge) targetGroups() []finding.Finding {
	var found []finding.Finding
	for _, group := range j.TargetGroups {
		arn := aws.ToString(group.TargetGroupArn)
		if j.Accounts(arn, group.Tags) {
			continue
		}
		found = append(found, finding.Finding{
			Type: finding.TargetGroup, ID: arn, Name: aws.ToString(group.TargetGroupName),
			Disposition: j.disposition(group.Tags), Creator: j.Cluster.Creator(group.Tags), Price: finding.Free,
		})
	}
	return found
}
