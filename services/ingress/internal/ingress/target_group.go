package ingress

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// TargetGroup is the group of machines that a listener forwards to. The compute service registers the machines.
// Its name is unique in the account and region: it is the ID until the ARN is known.
type TargetGroup struct {
	graph.Node
	account
	// Use is `api`, `http` or `https`.
	Use string
	// Port is the port of the machines.
	Port int32
	// Readyz makes the health check request /readyz of the Kubernetes API over HTTPS. Without it, a machine that
	// accepts TCP connections is healthy.
	Readyz bool
	VPC    *graph.Dependency
}

// These are the settings of the health check: interval and timeout in seconds, thresholds in consecutive
// checks. The timeout is shorter than the interval, so that a check ends before the next one starts.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
const (
	healthInterval  = 5
	healthTimeout   = 4
	healthyAfter    = 2
	unhealthyAfter  = 6
	healthCheckPath = "/readyz"
)

// Name implements graph.Resource.
func (t *TargetGroup) Name() string { return "target-group/" + t.Use }

// Needs implements graph.Resource.
func (t *TargetGroup) Needs() []graph.Resource { return []graph.Resource{t.VPC} }

// Key implements graph.NaturallyKeyed: the name, at most 32 characters.
func (t *TargetGroup) Key() string { return t.owner.Cluster + "-" + t.Use }

// Observe implements graph.Resource.
func (t *TargetGroup) Observe(ctx context.Context) (graph.State, error) {
	found, err := t.find(ctx)
	if err != nil || found == nil {
		return graph.Absent, err
	}
	t.SetID(aws.ToString(found.TargetGroupArn))
	if t.VPC != nil && !t.checked(found) {
		return graph.Drifted, nil
	}
	return graph.Ready, nil
}

// find returns the target group with the ARN or name in the ID, or nil.
func (t *TargetGroup) find(ctx context.Context) (*types.TargetGroup, error) {
	in := &elb.DescribeTargetGroupsInput{Names: []string{t.ID()}}
	if strings.HasPrefix(t.ID(), "arn:") {
		in = &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{t.ID()}}
	}
	out, err := t.DescribeTargetGroups(ctx, in)
	if err != nil {
		return nil, errorclass.IgnoreNotFound(err)
	}
	return session.Only(out.TargetGroups)
}

// checked reports whether the settings of the health check are the desired ones. AWS never changes port,
// protocol and VPC.
func (t *TargetGroup) checked(found *types.TargetGroup) bool {
	protocol, path := t.healthCheck()
	return found.HealthCheckProtocol == protocol && aws.ToString(found.HealthCheckPath) == aws.ToString(path) &&
		aws.ToInt32(found.HealthCheckIntervalSeconds) == healthInterval && aws.ToInt32(found.HealthCheckTimeoutSeconds) == healthTimeout &&
		aws.ToInt32(found.HealthyThresholdCount) == healthyAfter && aws.ToInt32(found.UnhealthyThresholdCount) == unhealthyAfter
}

func (t *TargetGroup) healthCheck() (protocol types.ProtocolEnum, path *string) {
	if t.Readyz {
		return types.ProtocolEnumHttps, aws.String(healthCheckPath)
	}
	return types.ProtocolEnumTcp, nil
}

// Create implements graph.Resource.
func (t *TargetGroup) Create(ctx context.Context) (graph.State, error) {
	protocol, path := t.healthCheck()
	out, err := t.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
		Name:                       aws.String(t.Key()),
		VpcId:                      aws.String(t.VPC.Value),
		Protocol:                   types.ProtocolEnumTcp,
		Port:                       aws.Int32(t.Port),
		TargetType:                 types.TargetTypeEnumInstance,
		HealthCheckProtocol:        protocol,
		HealthCheckPath:            path,
		HealthCheckIntervalSeconds: aws.Int32(healthInterval),
		HealthCheckTimeoutSeconds:  aws.Int32(healthTimeout),
		HealthyThresholdCount:      aws.Int32(healthyAfter),
		UnhealthyThresholdCount:    aws.Int32(unhealthyAfter),
		Tags:                       t.loadBalancingTags(t.Name(), t.Token()),
	})
	if err != nil {
		return graph.Absent, err
	}
	for _, created := range out.TargetGroups {
		t.SetID(aws.ToString(created.TargetGroupArn))
	}
	return graph.Ready, nil
}

// Update implements graph.Updater.
func (t *TargetGroup) Update(ctx context.Context) error {
	protocol, path := t.healthCheck()
	_, err := t.ModifyTargetGroup(ctx, &elb.ModifyTargetGroupInput{
		TargetGroupArn:             aws.String(t.ID()),
		HealthCheckProtocol:        protocol,
		HealthCheckPath:            path,
		HealthCheckIntervalSeconds: aws.Int32(healthInterval),
		HealthCheckTimeoutSeconds:  aws.Int32(healthTimeout),
		HealthyThresholdCount:      aws.Int32(healthyAfter),
		UnhealthyThresholdCount:    aws.Int32(unhealthyAfter),
	})
	return err
}

// Delete implements graph.Resource. DeleteTargetGroup takes only an ARN, so Delete first finds it if the ID is a name.
func (t *TargetGroup) Delete(ctx context.Context) error {
	arn := aws.String(t.ID())
	if !strings.HasPrefix(t.ID(), "arn:") {
		found, err := t.find(ctx)
		if err != nil || found == nil {
			return err
		}
		arn = found.TargetGroupArn
	}
	_, err := t.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: arn})
	return errorclass.IgnoreNotFound(err)
}
