package aws_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// ofGroup returns a tag in the form of the requests of Auto Scaling.
func ofGroup(group, key string, value *string, propagate bool) types.Tag {
	tag := types.Tag{ResourceId: aws.String(group), ResourceType: aws.String("auto-scaling-group"), Key: aws.String(key), Value: value}
	if propagate {
		tag.PropagateAtLaunch = aws.Bool(true)
	}
	return tag
}

// tagsOfGroup returns the tags of the group, and which of them its instances get.
func tagsOfGroup(t *testing.T, c *autoscaling.Client) (tags map[string]string, propagated []string) {
	t.Helper()
	out, err := c.DescribeAutoScalingGroups(t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{"workers"}})
	require.NoError(t, err)
	require.Len(t, out.AutoScalingGroups, 1)
	tags = make(map[string]string)
	for _, tag := range out.AutoScalingGroups[0].Tags {
		tags[*tag.Key] = *tag.Value
		if *tag.PropagateAtLaunch {
			propagated = append(propagated, *tag.Key)
		}
	}
	return tags, propagated
}

func tagsOfInstance(t *testing.T, c *ec2.Client, id *string) map[string]string {
	t.Helper()
	tags := make(map[string]string)
	for _, tag := range instanceOf(t, c, id).Tags {
		tags[*tag.Key] = *tag.Value
	}
	return tags
}

func TestTheTagsOfAGroupChangeAndNewInstancesGetThem(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		ctx, groups := t.Context(), autoscaling.NewFromConfig(w.Config(account, region))
		_, err := groups.CreateAutoScalingGroup(ctx, pool(buildSite(t, c), createTemplate(t, c), 1))
		require.NoError(t, err)
		old := members(t, groups)[0].InstanceId

		_, err = groups.CreateOrUpdateTags(ctx, &autoscaling.CreateOrUpdateTagsInput{Tags: []types.Tag{
			ofGroup("workers", "tier", aws.String("gold"), true), ofGroup("workers", "Name", aws.String("renamed"), false),
		}})
		require.NoError(t, err)
		tags, propagated := tagsOfGroup(t, groups)
		require.Equal(t, map[string]string{"Name": "renamed", "internal": "yes", "tier": "gold"}, tags)
		require.Equal(t, []string{"tier"}, propagated)
		_, err = groups.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: aws.String("workers"), DesiredCapacity: aws.Int32(2)})
		require.NoError(t, err)
		fresh := tagsOfInstance(t, c, members(t, groups)[1].InstanceId)
		require.Equal(t, "gold", fresh["tier"])
		require.NotContains(t, fresh, "Name")
		require.NotContains(t, tagsOfInstance(t, c, old), "tier")

		doomed := &autoscaling.DeleteTagsInput{Tags: []types.Tag{ofGroup("workers", "tier", nil, false), ofGroup("workers", "absent", nil, false)}}
		_, err = groups.DeleteTags(ctx, doomed)
		require.NoError(t, err)
		tags, propagated = tagsOfGroup(t, groups)
		require.Equal(t, map[string]string{"Name": "renamed", "internal": "yes"}, tags)
		require.Empty(t, propagated)
	})
}

func TestTheTagsOfGroupsChangeAllOrNone(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		ctx, groups := t.Context(), autoscaling.NewFromConfig(w.Config(account, region))
		_, err := groups.CreateAutoScalingGroup(ctx, pool(buildSite(t, c), createTemplate(t, c), 0))
		require.NoError(t, err)
		before, _ := tagsOfGroup(t, groups)
		many := []types.Tag{}
		for i := range 49 {
			many = append(many, ofGroup("workers", fmt.Sprint("key-", i), aws.String("value"), false))
		}
		volume := ofGroup("workers", "tier", aws.String("gold"), false)
		volume.ResourceType = aws.String("volume")
		for _, test := range []struct {
			name, code string
			tags       []types.Tag
		}{
			{"a group that is not there", "ValidationError", []types.Tag{ofGroup("workers", "tier", aws.String("gold"), false), ofGroup("nothing", "tier", aws.String("gold"), false)}},
			{"a resource that is no group", "ValidationError", []types.Tag{volume}},
			{"a key that is reserved for AWS", "ValidationError", []types.Tag{ofGroup("workers", "aws:mine", aws.String("gold"), false)}},
			{"more than fifty tags", "LimitExceeded", many},
		} {
			t.Log(test.name)
			_, err := groups.CreateOrUpdateTags(ctx, &autoscaling.CreateOrUpdateTagsInput{Tags: test.tags})
			refused(t, test.code, err)
		}
		_, err = groups.DeleteTags(ctx, &autoscaling.DeleteTagsInput{Tags: []types.Tag{ofGroup("workers", "Name", nil, false), ofGroup("nothing", "Name", nil, false)}})
		refused(t, "ValidationError", err)
		after, _ := tagsOfGroup(t, groups)
		require.Equal(t, before, after)
	})
}

func TestInstancesOfAGroupTakeTagsBesideThoseOfAWS(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		ctx, groups := t.Context(), autoscaling.NewFromConfig(w.Config(account, region))
		_, err := groups.CreateAutoScalingGroup(ctx, pool(buildSite(t, c), createTemplate(t, c), 1))
		require.NoError(t, err)
		id := members(t, groups)[0].InstanceId
		written := tagsOfInstance(t, c, id)["aws:autoscaling:groupName"]
		require.Equal(t, "workers", written)

		_, err = c.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{*id}, Tags: []ec2types.Tag{{Key: aws.String("tier"), Value: aws.String("gold")}}})
		require.NoError(t, err)
		require.Equal(t, "gold", tagsOfInstance(t, c, id)["tier"])
		_, err = c.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{*id}, Tags: []ec2types.Tag{{Key: aws.String("aws:autoscaling:groupName")}}})
		refused(t, "InvalidParameterValue", err)
		_, err = c.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{*id}})
		require.NoError(t, err)
		left := tagsOfInstance(t, c, id)
		require.NotContains(t, left, "tier")
		require.Equal(t, "workers", left["aws:autoscaling:groupName"])
	})
}
