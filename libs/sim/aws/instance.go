package aws

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// instance is a virtual machine. It is pending until it runs, runs for a while before it has booted, shuts down when it is
// terminated, and stays visible for an hour after its end.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
type instance struct {
	Reservation, Token   string
	Index                int32
	Image, Type          string
	Architecture         types.ArchitectureValues
	VCPUs                int
	Zone, VPC, Subnet    string
	PrivateIP            string
	Interfaces           []instanceInterface
	Profile              string // ARN
	UserData             string // base64
	Metadata             types.InstanceMetadataOptionsResponse
	Spot, EBSOptimized   bool
	Monitored, Protected bool      // Protected: against TerminateInstances
	Group                string    // Auto Scaling group
	Template             string    // id of the launch template
	TemplateVersion      int64     // of it
	BootedAt             time.Time // when it answers on its ports and joins its cluster
	Reason               string    // why it was ended
}

// instanceInterface is a network interface of an instance. The first is its primary one.
type instanceInterface struct {
	ID                  string
	Device              int32
	DeleteOnTermination bool
}

// instanceVisible is how long an instance can be seen after its end.
const instanceVisible = time.Hour

func (i instance) Owner() string { return i.Group }
func (i instance) Summary(name func(id string) string) string {
	parts := []string{i.Type, "in", name(i.Subnet)}
	for _, nic := range i.Interfaces {
		if !nic.DeleteOnTermination {
			parts = append(parts, "with", name(nic.ID))
		}
	}
	if i.Profile != "" {
		parts = append(parts, "as", i.Profile[strings.LastIndex(i.Profile, "/")+1:])
	}
	if i.Group != "" {
		parts = append(parts, "of", i.Group)
	}
	return strings.Join(parts, " ")
}

var instances = engine.NewType[instance](engine.Type{
	Service: "EC2", Name: "Instance", Noun: "instance ID", Prefix: "i", TagType: "instance",
	NotFound: "InvalidInstanceID.NotFound", Malformed: "InvalidInstanceID.Malformed",
})

var instanceFilters = filters[instance]{
	"instance-id": ofID[instance],
	"owner-id":    ofAccount[instance],
	"instance-state-name": func(c *engine.Call, r *engine.Resource[instance]) []string {
		return []string{string(instanceState(c, r))}
	},
	"instance-type":            one(func(i instance) string { return i.Type }),
	"image-id":                 one(func(i instance) string { return i.Image }),
	"architecture":             one(func(i instance) string { return string(i.Architecture) }),
	"availability-zone":        one(func(i instance) string { return i.Zone }),
	"vpc-id":                   living(func(i instance) string { return i.VPC }),
	"subnet-id":                living(func(i instance) string { return i.Subnet }),
	"private-ip-address":       living(func(i instance) string { return i.PrivateIP }),
	"reservation-id":           one(func(i instance) string { return i.Reservation }),
	"client-token":             one(func(i instance) string { return i.Token }),
	"iam-instance-profile.arn": one(func(i instance) string { return i.Profile }),
	"instance.group-id": func(c *engine.Call, r *engine.Resource[instance]) (groups []string) {
		for _, group := range showInstance(c, r).SecurityGroups {
			groups = append(groups, *group.GroupId)
		}
		return groups
	},
	"network-interface.network-interface-id": func(c *engine.Call, r *engine.Resource[instance]) (ids []string) {
		for _, nic := range showInstance(c, r).NetworkInterfaces {
			ids = append(ids, *nic.NetworkInterfaceId)
		}
		return ids
	},
	"instance-lifecycle": func(_ *engine.Call, r *engine.Resource[instance]) []string {
		if r.Data.Spot {
			return []string{"spot"}
		}
		return nil
	},
}

// living is the values of a filter on what an instance loses at its end.
func living(value func(instance) string) func(*engine.Call, *engine.Resource[instance]) []string {
	return func(c *engine.Call, r *engine.Resource[instance]) []string {
		if r.Deleted(c.Now()) {
			return nil
		}
		return []string{value(r.Data)}
	}
}

// reservation is what one RunInstances made. It outlives its instances, so that a client token never makes others.
type reservation struct{ Instances []string }

func (r reservation) Owner() string                         { return "" }
func (r reservation) Summary(func(id string) string) string { return "" }

var reservations = engine.NewType[reservation](engine.Type{Service: "EC2", Name: "Reservation", Prefix: "r", Hidden: true})

func handleInstance(s *engine.Service) {
	engine.Handle(s, "DescribeInstances", engine.Fields{"Filters", "InstanceIds", "MaxResults", "NextToken"}, describeInstances)
}

func describeInstances(c *engine.Call, in *ec2.DescribeInstancesInput) (*ec2.DescribeInstancesOutput, error) {
	var order []string
	grouped := map[string]*types.Reservation{}
	_, next, err := describe(c, instances, instanceFilters, query{in.InstanceIds, in.Filters, in.MaxResults, in.NextToken}, func(c *engine.Call, r *engine.Resource[instance]) bool {
		id := r.Data.Reservation
		if grouped[id] == nil {
			order = append(order, id)
			grouped[id] = &types.Reservation{ReservationId: aws.String(id), OwnerId: aws.String(c.Account)}
		}
		grouped[id].Instances = append(grouped[id].Instances, showInstance(c, r))
		return true
	})
	out := &ec2.DescribeInstancesOutput{NextToken: next}
	for _, id := range order {
		out.Reservations = append(out.Reservations, *grouped[id])
	}
	return out, err
}

// instanceState is the name EC2 has for where an instance is in its life.
func instanceState(c *engine.Call, r *engine.Resource[instance]) types.InstanceStateName {
	switch {
	case r.Deleted(c.Now()):
		return types.InstanceStateNameTerminated
	case r.Deleting():
		return types.InstanceStateNameShuttingDown
	case !r.Ready(c.Now()):
		return types.InstanceStateNamePending
	}
	return types.InstanceStateNameRunning
}

// booted says whether an instance runs its workload.
func booted(c *engine.Call, r *engine.Resource[instance]) bool {
	return !r.Deleting() && !c.Now().Before(r.Data.BootedAt)
}
