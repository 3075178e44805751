package machine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// FindInstance returns the instance with this id. While id is "", it returns the instance that RunInstances with this
// token created. It returns nil if there is none.
func FindInstance(ctx context.Context, api ec2.DescribeInstancesAPIClient, id, token string) (*types.Instance, error) {
	in := &ec2.DescribeInstancesInput{Filters: session.ByIntent(token)}
	if id != "" {
		in = &ec2.DescribeInstancesInput{InstanceIds: []string{id}}
	}
	out, err := api.DescribeInstances(ctx, in)
	if err != nil {
		return nil, errorclass.IgnoreNotFound(err)
	}
	var found []types.Instance
	for _, reservation := range out.Reservations {
		found = append(found, reservation.Instances...)
	}
	return session.Only(found)
}

// State is the state of an instance, as far as it matters to the services.
type State int

const (
	// Changing is the state of an instance that starts or shuts down.
	Changing State = iota
	// Running is the state of an instance that EC2 reports as running. What its image boots may not run yet.
	Running
	// Unusable is the state of a terminated instance, which EC2 shows for an hour, and of a stopped one.
	Unusable
)

// StateOf returns the state of an instance. A stopped instance is a fault too: Skep stops none, so a user must decide
// about it.
func StateOf(found *types.Instance) (State, error) {
	switch found.State.Name {
	case types.InstanceStateNameTerminated:
		return Unusable, nil
	case types.InstanceStateNameStopping, types.InstanceStateNameStopped:
		return Unusable, &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration,
			Message: "the instance is stopped", Remedy: "Start the instance, or terminate it: Skep then replaces it."}
	case types.InstanceStateNameRunning:
		return Running, nil
	case types.InstanceStateNamePending, types.InstanceStateNameShuttingDown:
	}
	return Changing, nil
}

// Terminator is the part of the EC2 API that Terminate calls. *ec2.Client implements it.
type Terminator interface {
	TerminateInstances(context.Context, *ec2.TerminateInstancesInput, ...func(*ec2.Options)) (*ec2.TerminateInstancesOutput, error)
}

// Terminate requests the termination of an instance. NotFound is success.
func Terminate(ctx context.Context, api Terminator, id string) error {
	_, err := api.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
	return errorclass.IgnoreNotFound(err)
}
