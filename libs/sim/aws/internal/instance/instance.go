package instance

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Instance is a virtual machine. Its state is pending, then running. Some time after that it has booted. When it is
// terminated it shuts down, and stays visible for an hour.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
type Instance struct {
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
	Monitored, Protected bool   // Protected refuses TerminateInstances
	Group                string // Auto Scaling group
	Template             string // id of the launch template
	TemplateVersion      int64
	BootedAt             time.Time // when it serves its ports and joins its cluster
	Reason               string    // why it was terminated
}

// instanceInterface is a network interface of an instance. The first one is the primary interface.
type instanceInterface struct {
	ID                  string
	Device              int32
	DeleteOnTermination bool
}

// instanceVisible is the time for which AWS shows a terminated instance.
const instanceVisible = time.Hour

// Owner implements engine.Attributes.
func (i Instance) Owner() string { return i.Group }

// Summary implements engine.Attributes.
func (i Instance) Summary(name func(id string) string) string {
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

// Instances is the resource type with the attributes Instance.
var Instances = engine.NewType[Instance](engine.Type{
	Service: "EC2", Name: "Instance", Noun: "instance ID", Prefix: "i", TagType: "instance",
	NotFound: "InvalidInstanceID.NotFound", Malformed: "InvalidInstanceID.Malformed",
})

var instanceFilters = ec2api.Filters[Instance]{
	"instance-id": ec2api.ByID[Instance],
	"owner-id":    ec2api.ByAccount[Instance],
	"instance-state-name": func(c *engine.Call, r *engine.Resource[Instance]) []string {
		return []string{string(State(c, r))}
	},
	"instance-type":            ec2api.ByText(func(i Instance) string { return i.Type }),
	"image-id":                 ec2api.ByText(func(i Instance) string { return i.Image }),
	"architecture":             ec2api.ByText(func(i Instance) string { return string(i.Architecture) }),
	"availability-zone":        ec2api.ByText(func(i Instance) string { return i.Zone }),
	"vpc-id":                   unlessTerminated(func(i Instance) string { return i.VPC }),
	"subnet-id":                unlessTerminated(func(i Instance) string { return i.Subnet }),
	"private-ip-address":       unlessTerminated(func(i Instance) string { return i.PrivateIP }),
	"reservation-id":           ec2api.ByText(func(i Instance) string { return i.Reservation }),
	"client-token":             ec2api.ByText(func(i Instance) string { return i.Token }),
	"iam-instance-profile.arn": ec2api.ByText(func(i Instance) string { return i.Profile }),
	"instance.group-id": func(c *engine.Call, r *engine.Resource[Instance]) (groups []string) {
		for _, group := range showInstance(c, r).SecurityGroups {
			groups = append(groups, *group.GroupId)
		}
		return groups
	},
	"network-interface.network-interface-id": func(c *engine.Call, r *engine.Resource[Instance]) (ids []string) {
		for _, nic := range showInstance(c, r).NetworkInterfaces {
			ids = append(ids, *nic.NetworkInterfaceId)
		}
		return ids
	},
	"instance-lifecycle": func(_ *engine.Call, r *engine.Resource[Instance]) []string {
		if r.Data.Spot {
			return []string{"spot"}
		}
		return nil
	},
}

// unlessTerminated makes a filter on an attribute that a terminated instance does not have.
func unlessTerminated(value func(Instance) string) func(*engine.Call, *engine.Resource[Instance]) []string {
	return func(c *engine.Call, r *engine.Resource[Instance]) []string {
		if r.Deleted(c.Now()) {
			return nil
		}
		return []string{value(r.Data)}
	}
}

// Reservation lists the instances of one launch. It outlives them, so that a client token never launches again.
type Reservation struct{ Instances []string }

// Owner implements engine.Attributes.
func (r Reservation) Owner() string { return "" }

// Summary implements engine.Attributes.
func (r Reservation) Summary(func(id string) string) string { return "" }

var reservations = engine.NewType[Reservation](engine.Type{Service: "EC2", Name: "Reservation", Prefix: "r", Hidden: true})

func handleInstance(s *engine.Service) {
	engine.Handle(s, "DescribeInstances", engine.Fields{"Filters", "InstanceIds", "MaxResults", "NextToken"}, describeInstances)
}

func describeInstances(c *engine.Call, in *ec2.DescribeInstancesInput) (*ec2.DescribeInstancesOutput, error) {
	var order []string
	grouped := map[string]*types.Reservation{}
	_, next, err := ec2api.Describe(c, Instances, instanceFilters, ec2api.Query{IDs: in.InstanceIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}, func(c *engine.Call, r *engine.Resource[Instance]) bool {
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

// State returns the state of an instance.
func State(c *engine.Call, r *engine.Resource[Instance]) types.InstanceStateName {
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

// HasBooted reports whether an instance runs its workload.
func HasBooted(c *engine.Call, r *engine.Resource[Instance]) bool {
	return !r.Deleting() && !c.Now().Before(r.Data.BootedAt)
}
