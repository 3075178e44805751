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

// targetHealth reads the health of several targets of one group in one call. AWS answers for unregistered targets
// too.
type targetHealth struct{}

// targetsPerCall is the number of targets in one combined call. AWS publishes no limit.
const targetsPerCall = 100

// targetOf returns the id and port of a target as "id:port".
func targetOf(t types.TargetDescription) string {
	return aws.ToString(t.Id) + ":" + strconv.Itoa(int(aws.ToInt32(t.Port)))
}

// query implements operation.
func (targetHealth) query(in any) (query, bool) {
	rest := *in.(*elb.DescribeTargetHealthInput)
	group, targets := rest.TargetGroupArn, rest.Targets
	rest.TargetGroupArn, rest.Targets = nil, nil
	// Without a port, or with an availability zone or QUIC server id, a target does not identify one answer.
	ambiguous := func(t types.TargetDescription) bool {
		return t.Port == nil || t.AvailabilityZone != nil || t.QuicServerId != nil
	}
	if !reflect.ValueOf(rest).IsZero() || len(targets) == 0 || len(targets) > targetsPerCall || slices.ContainsFunc(targets, ambiguous) {
		return query{}, false
	}
	q := query{key: aws.ToString(group), max: targetsPerCall}
	for _, target := range targets {
		q.ids = append(q.ids, targetOf(target))
	}
	return q, true
}

// merge implements operation.
func (targetHealth) merge(one any, ids []string) any {
	all := &elb.DescribeTargetHealthInput{TargetGroupArn: one.(*elb.DescribeTargetHealthInput).TargetGroupArn}
	for _, id := range ids {
		colon := strings.LastIndexByte(id, ':')
		port, _ := strconv.ParseInt(id[colon+1:], 10, 32) // targetOf wrote it, so it is valid
		all.Targets = append(all.Targets, types.TargetDescription{Id: aws.String(id[:colon]), Port: aws.Int32(int32(port))})
	}
	return all
}

// next implements operation. An answer has one page.
func (targetHealth) next(_, _ any) any { return nil }

// answer implements operation.
func (targetHealth) answer(in any, pages []any) (any, error) {
	out := new(elb.DescribeTargetHealthOutput)
	for _, page := range pages {
		for _, health := range page.(*elb.DescribeTargetHealthOutput).TargetHealthDescriptions {
			requested := func(t types.TargetDescription) bool {
				return health.Target != nil && targetOf(t) == targetOf(*health.Target)
			}
			if slices.ContainsFunc(in.(*elb.DescribeTargetHealthInput).Targets, requested) {
				out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, health)
			}
		}
	}
	return out, nil
}
