package moto

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	dns "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/stretchr/testify/require"
)

// groups returns the auto scaling groups.
func (a *Account) groups(t *testing.T) Inventory {
	t.Helper()
	out, err := autoscaling.NewFromConfig(a.Config).DescribeAutoScalingGroups(t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{})
	require.NoError(t, err)
	var found Inventory
	for _, one := range out.AutoScalingGroups {
		tags := make(map[string]string)
		for _, tag := range one.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		found = append(found, Resource{Type: "AutoScalingGroup", ID: aws.ToString(one.AutoScalingGroupName), Tags: tags})
	}
	return found
}

// loadBalancing returns load balancers, listeners and target groups.
func (a *Account) loadBalancing(t *testing.T) Inventory {
	t.Helper()
	api, ctx := elb.NewFromConfig(a.Config), t.Context()
	balancers, err := api.DescribeLoadBalancers(ctx, nil)
	require.NoError(t, err)
	var found Inventory
	for _, one := range balancers.LoadBalancers {
		found = append(found, Resource{Type: "LoadBalancer", ID: aws.ToString(one.LoadBalancerArn), Parent: aws.ToString(one.VpcId)})
		listeners, err := api.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: one.LoadBalancerArn})
		require.NoError(t, err)
		for _, listener := range listeners.Listeners {
			found = append(found, Resource{Type: "Listener", ID: aws.ToString(listener.ListenerArn), Parent: aws.ToString(one.LoadBalancerArn)})
		}
	}
	targets, err := api.DescribeTargetGroups(ctx, nil)
	require.NoError(t, err)
	for _, one := range targets.TargetGroups {
		found = append(found, Resource{Type: "TargetGroup", ID: aws.ToString(one.TargetGroupArn), Parent: aws.ToString(one.VpcId)})
	}
	for i, resource := range found {
		tags, err := api.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: []string{resource.ID}})
		require.NoError(t, err)
		found[i].Tags = make(map[string]string)
		for _, description := range tags.TagDescriptions {
			for _, tag := range description.Tags {
				found[i].Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
		}
	}
	return found
}

// zones returns hosted zones and their record sets.
func (a *Account) zones(t *testing.T) Inventory {
	t.Helper()
	api, ctx := route53.NewFromConfig(a.Config), t.Context()
	out, err := api.ListHostedZones(ctx, nil)
	require.NoError(t, err)
	var found Inventory
	for _, one := range out.HostedZones {
		zone := Resource{Type: "HostedZone", ID: aws.ToString(one.Id), Tags: make(map[string]string)}
		tags, err := api.ListTagsForResource(ctx, &route53.ListTagsForResourceInput{
			ResourceType: dns.TagResourceTypeHostedzone, ResourceId: aws.String(zone.ID[len("/hostedzone/"):]),
		})
		require.NoError(t, err)
		for _, tag := range tags.ResourceTagSet.Tags {
			zone.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		found = append(found, zone)
		records, err := api.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: one.Id})
		require.NoError(t, err)
		for _, record := range records.ResourceRecordSets {
			found = append(found, Resource{Type: "ResourceRecordSet", ID: aws.ToString(record.Name) + " " + string(record.Type), Parent: zone.ID})
		}
	}
	return found
}

// identity returns roles and instance profiles.
func (a *Account) identity(t *testing.T) Inventory {
	t.Helper()
	api, ctx := iam.NewFromConfig(a.Config), t.Context()
	roles, err := api.ListRoles(ctx, nil)
	require.NoError(t, err)
	var found Inventory
	for _, one := range roles.Roles {
		role, err := api.GetRole(ctx, &iam.GetRoleInput{RoleName: one.RoleName})
		require.NoError(t, err)
		resource := Resource{Type: "Role", ID: aws.ToString(one.RoleName), Tags: make(map[string]string)}
		for _, tag := range role.Role.Tags {
			resource.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		found = append(found, resource)
	}
	profiles, err := api.ListInstanceProfiles(ctx, nil)
	require.NoError(t, err)
	for _, one := range profiles.InstanceProfiles {
		resource := Resource{Type: "InstanceProfile", ID: aws.ToString(one.InstanceProfileName), Tags: make(map[string]string)}
		for _, tag := range one.Tags {
			resource.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		found = append(found, resource)
	}
	return found
}
