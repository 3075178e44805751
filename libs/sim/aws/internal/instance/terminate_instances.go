package instance

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/vpc"
)

// Events of instances, for the services that use instances. The id is that of the instance.
const (
	// ShuttingDown is emitted at the begin of every termination.
	ShuttingDown engine.Event = "instance shutting down"
	// Terminated is emitted after ShuttingDown if TerminateInstances was the cause.
	Terminated engine.Event = "instance terminated by request"
)

func handleTerminateInstances(s *engine.Service) {
	engine.Handle(s, "TerminateInstances", engine.Fields{"InstanceIds"}, terminateInstances)
}

// terminateInstances begins to terminate instances: all, or none if one does not exist or is protected. A repeated call
// succeeds. An Auto Scaling group replaces its terminated instances.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html
func terminateInstances(c *engine.Call, in *ec2.TerminateInstancesInput) (*ec2.TerminateInstancesOutput, error) {
	var terminated []*engine.Resource[Instance]
	for _, id := range in.InstanceIds {
		r, err := Instances.Get(c, &id)
		if err != nil {
			return nil, err
		}
		if r.Data.Protected && !r.Deleting() {
			return nil, engine.Refuse("OperationNotPermitted", "The instance '%s' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.", id)
		}
		terminated = append(terminated, r)
	}
	out := &ec2.TerminateInstancesOutput{}
	for _, r := range terminated {
		change := types.InstanceStateChange{InstanceId: aws.String(r.ID), PreviousState: stateOf(State(c, r))}
		Terminate(c, r)
		change.CurrentState = stateOf(State(c, r))
		out.TerminatingInstances = append(out.TerminatingInstances, change)
	}
	for _, r := range terminated {
		c.Emit(Terminated, r.ID)
	}
	return out, nil
}

// Terminate begins to terminate an instance, with the network interfaces and volumes that are deleted with it.
func Terminate(c *engine.Call, r *engine.Resource[Instance]) {
	if r.Deleting() {
		return
	}
	r.DeletedAt = c.After(latency.InstanceDeleted, r.Name())
	r.GoneAt = r.DeletedAt.Add(c.Scaled(instanceVisible))
	r.Data.Reason = fmt.Sprintf("User initiated (%s)", c.Now().UTC().Format(time.DateTime+" MST"))
	Instances.Put(c, r)
	for _, nic := range r.Data.Interfaces {
		if eni, ok := vpc.NetworkInterfaces.Find(c, nic.ID); ok && nic.DeleteOnTermination {
			eni.DeletedAt, eni.GoneAt = r.DeletedAt, r.DeletedAt
			vpc.NetworkInterfaces.Put(c, eni)
		}
	}
	for _, v := range Volumes.OwnedBy(c, r.ID) {
		if v.Data.DeleteOnTermination {
			v.DeletedAt, v.GoneAt = r.DeletedAt, r.DeletedAt
			Volumes.Put(c, v)
		} else if v.Data.DetachedAt.IsZero() {
			v.Data.DetachedAt = r.DeletedAt
			Volumes.Put(c, v)
			scheduleDetach(c, v)
		}
	}
	c.Emit(ShuttingDown, r.ID)
	scheduleRelease(c, r)
}

// scheduleRelease detaches the network interfaces that outlive an instance when it is deleted.
func scheduleRelease(c *engine.Call, r *engine.Resource[Instance]) {
	for _, nic := range r.Data.Interfaces {
		if nic.DeleteOnTermination {
			continue
		}
		c.Schedule(r.DeletedAt, func(c *engine.Call) {
			if eni, ok := vpc.NetworkInterfaces.Find(c, nic.ID); ok && eni.Data.AttachedTo == r.ID {
				eni.Data.AttachedTo = ""
				vpc.NetworkInterfaces.Put(c, eni)
			}
		})
	}
}
