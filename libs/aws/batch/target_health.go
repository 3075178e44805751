package batch

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// targetHealth asks for the health of several targets of one group at once. AWS
// answers also for those that are not registered.
type targetHealth struct{}

// targetsPerCall is how many targets one call is asked for. AWS publishes no figure.
const targetsPerCall = 100

// targetOf is the id of a target and its port.
func targetOf(t types.TargetDescription) string {
	return aws.ToString(t.Id) + ":" + strconv.Itoa(int(aws.ToInt32(t.Port)))
}

// question implements form.
func (targetHealth) question(in any) (question, bool) {
	rest := *in.(*elb.DescribeTargetHealthInput)
	group, targets := rest.TargetGroupArn, rest.Targets
	rest.TargetGroupArn, rest.Targets = nil, nil
	// A target whose port is not told may be several.
	vague := func(t types.TargetDescription) bool {
		return t.Port == nil || t.AvailabilityZone != nil || t.QuicServerId != nil
	}
	if !reflect.ValueOf(rest).IsZero() || len(targets) == 0 || len(targets) > targetsPerCall || slices.ContainsFunc(targets, vague) {
		return question{}, false
	}
	q := question{line: aws.ToString(group), most: targetsPerCall}
	for _, target := range targets {
		q.ids = append(q.ids, targetOf(target))
	}
	return q, true
}

// together implements form.
func (targetHealth) together(one any, ids []string) any {
	all := &elb.DescribeTargetHealthInput{TargetGroupArn: one.(*elb.DescribeTargetHealthInput).TargetGroupArn}
	for _, id := range ids {
		colon := strings.LastIndexByte(id, ':')
		port, _ := strconv.ParseInt(id[colon+1:], 10, 32) // as targetOf wrote it
		all.Targets = append(all.Targets, types.TargetDescription{Id: aws.String(id[:colon]), Port: aws.Int32(int32(port))})
	}
	return all
}

// next implements form: an answer has one page.
func (targetHealth) next(_, _ any) any { return nil }

// part implements form.
func (targetHealth) part(in any, pages []any) (any, error) {
	out := new(elb.DescribeTargetHealthOutput)
	for _, page := range pages {
		for _, health := range page.(*elb.DescribeTargetHealthOutput).TargetHealthDescriptions {
			asked := func(t types.TargetDescription) bool {
				return health.Target != nil && targetOf(t) == targetOf(*health.Target)
			}
			if slices.ContainsFunc(in.(*elb.DescribeTargetHealthInput).Targets, asked) {
				out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, health)
			}
		}
	}
	return out, nil
}
