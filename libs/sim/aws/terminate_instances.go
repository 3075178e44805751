package aws

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle("EC2", "TerminateInstances", fields{"InstanceIds"}, terminateInstances)
}

// terminateInstances begins the end of instances: of all of them, or of none if one does not exist or is protected. It
// may be repeated. An Auto Scaling group replaces what is taken from it.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html
func terminateInstances(c *call, in *ec2.TerminateInstancesInput) (*ec2.TerminateInstancesOutput, error) {
	var doomed []*row[instance]
	for _, id := range in.InstanceIds {
		r, err := instances.get(c, &id)
		if err != nil {
			return nil, err
		}
		if r.Data.Protected && !r.deleting() {
			return nil, refuse("OperationNotPermitted", "The instance '%s' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.", id)
		}
		doomed = append(doomed, r)
	}
	out := &ec2.TerminateInstancesOutput{}
	for _, r := range doomed {
		change := types.InstanceStateChange{InstanceId: aws.String(r.ID), PreviousState: stateOf(instanceState(c, r))}
		c.terminate(r)
		change.CurrentState = stateOf(instanceState(c, r))
		out.TerminatingInstances = append(out.TerminatingInstances, change)
	}
	for _, r := range doomed {
		if g, ok := autoScalingGroups.in(c.w, autoScalingGroups.scope(c)).byID[r.Data.Group]; ok {
			c.balance(g)
		}
	}
	return out, nil
}

// terminate begins the end of an instance, and of the interfaces and disks that go with it.
func (c *call) terminate(r *row[instance]) {
	if r.deleting() {
		return
	}
	r.DeletedAt = c.now().Add(c.w.latency("Instance/deleted", nameOf(&r.meta, r.Data)))
	r.GoneAt = r.DeletedAt.Add(c.w.span(instanceVisible))
	r.Data.Reason = fmt.Sprintf("User initiated (%s)", c.now().UTC().Format(time.DateTime+" MST"))
	instances.put(c, r)
	enis := networkInterfaces.in(c.w, networkInterfaces.scope(c))
	for _, nic := range r.Data.Interfaces {
		if eni, ok := enis.byID[nic.ID]; ok && nic.DeleteOnTermination {
			eni.DeletedAt, eni.GoneAt = r.DeletedAt, r.DeletedAt
			networkInterfaces.put(c, eni)
		}
	}
	for _, v := range volumes.of(c, r.ID) {
		if v.Data.DeleteOnTermination {
			v.DeletedAt, v.GoneAt = r.DeletedAt, r.DeletedAt
			volumes.put(c, v)
		} else if v.Data.DetachedAt.IsZero() {
			v.Data.DetachedAt = r.DeletedAt
			volumes.put(c, v)
			c.w.scheduleDetach(volumes.scope(c), v)
		}
	}
	for _, t := range targets.list(c) {
		if t.Data.Group != "" && t.Data.ID == r.ID {
			c.deregister(t)
		}
	}
	c.w.scheduleRelease(instances.scope(c), r)
}

// scheduleRelease sets the interfaces that outlive an instance free at its end.
func (w *World) scheduleRelease(s scope, r *row[instance]) {
	for _, nic := range r.Data.Interfaces {
		if nic.DeleteOnTermination {
			continue
		}
		w.at(r.DeletedAt, s, func(c *call) {
			if eni, ok := networkInterfaces.in(w, s).byID[nic.ID]; ok && eni.Data.AttachedTo == r.ID {
				eni.Data.AttachedTo = ""
				networkInterfaces.put(c, eni)
			}
		})
	}
}
