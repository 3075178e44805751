package vpc

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Endpoint is a VPC endpoint. A gateway endpoint is a route to S3 or DynamoDB. An interface endpoint has a network
// interface in each of its subnets; fixtures create it, and CreateVpcEndpoint does not.
// https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
type Endpoint struct {
	VPC, Service, Policy string
	RouteTables          []string
	Subnets, Groups      []string `json:",omitempty"` // of an interface endpoint only
	Interfaces           []string `json:",omitempty"`
}

func (e Endpoint) endpointType() types.VpcEndpointType {
	if len(e.Subnets) > 0 {
		return types.VpcEndpointTypeInterface
	}
	return types.VpcEndpointTypeGateway
}

// Owner implements engine.Attributes.
func (e Endpoint) Owner() string { return e.VPC }

// Summary implements engine.Attributes.
func (e Endpoint) Summary(name func(id string) string) string {
	var tables []string
	for _, id := range e.RouteTables {
		tables = append(tables, name(id))
	}
	for _, id := range e.Subnets {
		tables = append(tables, name(id))
	}
	slices.Sort(tables)
	return e.Service + " in " + name(e.VPC) + " for " + strings.Join(tables, ", ")
}

// Endpoints is the resource type with the attributes Endpoint.
var Endpoints = engine.NewType[Endpoint](engine.Type{
	Service: "EC2", Name: "VpcEndpoint", Noun: "Vpc Endpoint Id", Prefix: "vpce", TagType: "vpc-endpoint",
	NotFound: "InvalidVpcEndpointId.NotFound", Malformed: "InvalidVpcEndpointId.Malformed",
})

var vpcEndpointFilters = ec2api.Filters[Endpoint]{
	"vpc-endpoint-id":    ec2api.ByID[Endpoint],
	"vpc-endpoint-state": ec2api.ByState[Endpoint],
	"vpc-id":             ec2api.ByText(func(e Endpoint) string { return e.VPC }),
	"service-name":       ec2api.ByText(func(e Endpoint) string { return e.Service }),
	"vpc-endpoint-type":  ec2api.ByText(func(e Endpoint) string { return string(e.endpointType()) }),
}

func handleVpcEndpoint(s *engine.Service) {
	engine.Handle(s, "CreateVpcEndpoint", engine.Fields{"VpcId", "ServiceName", "VpcEndpointType", "RouteTableIds", "PolicyDocument", "ClientToken", "TagSpecifications"}, createVpcEndpoint)
	engine.Handle(s, "ModifyVpcEndpoint", engine.Fields{"VpcEndpointId", "AddRouteTableIds", "RemoveRouteTableIds", "PolicyDocument"}, modifyVpcEndpoint)
	engine.Handle(s, "DeleteVpcEndpoints", engine.Fields{"VpcEndpointIds"}, deleteVpcEndpoints)
	engine.Handle(s, "DescribeVpcEndpoints", engine.Fields{"Filters", "MaxResults", "NextToken", "VpcEndpointIds"}, func(c *engine.Call, in *ec2.DescribeVpcEndpointsInput) (*ec2.DescribeVpcEndpointsOutput, error) {
		shown, next, err := ec2api.Describe(c, Endpoints, vpcEndpointFilters, ec2api.Query{IDs: in.VpcEndpointIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}, showVpcEndpoint)
		return &ec2.DescribeVpcEndpointsOutput{VpcEndpoints: shown, NextToken: next}, err
	})
}

func createVpcEndpoint(c *engine.Call, in *ec2.CreateVpcEndpointInput) (*ec2.CreateVpcEndpointOutput, error) {
	if in.VpcEndpointType != "" && in.VpcEndpointType != types.VpcEndpointTypeGateway {
		c.Unsimulated("VpcEndpointType", in.VpcEndpointType)
	}
	r, err := ec2api.Once(c, Endpoints, in.ClientToken, in, func() (*engine.Resource[Endpoint], error) {
		v, err := VPCs.Get(c, in.VpcId)
		if err != nil {
			return nil, err
		}
		e := Endpoint{VPC: v.ID, Service: aws.ToString(in.ServiceName), Policy: aws.ToString(in.PolicyDocument)}
		if e.Service != "com.amazonaws."+c.Region+".s3" && e.Service != "com.amazonaws."+c.Region+".dynamodb" {
			return nil, engine.Refuse("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", e.Service)
		}
		if err := e.serve(c, "", in.RouteTableIds); err != nil {
			return nil, err
		}
		tags, err := ec2api.ReadTags(c, in.TagSpecifications, Endpoints.TagType)
		if err != nil {
			return nil, err
		}
		if err := c.CheckQuota("GatewayEndpointsPerRegion", len(Endpoints.List(c)), "VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached."); err != nil {
			return nil, err
		}
		return Endpoints.Create(c, "", e, tags), nil
	})
	if err != nil {
		return nil, err
	}
	return &ec2.CreateVpcEndpointOutput{VpcEndpoint: new(showVpcEndpoint(c, r)), ClientToken: in.ClientToken}, nil
}

// serve adds route tables of the same VPC. It refuses a table that has a route to the service already.
func (e *Endpoint) serve(c *engine.Call, self string, tables []string) error {
	for _, id := range tables {
		t, err := routeTables.Get(c, &id)
		if err != nil {
			return err
		}
		if t.Data.VPC != e.VPC {
			return engine.InvalidParameter("routeTableId", id)
		}
		for _, other := range Endpoints.OwnedBy(c, e.VPC) {
			if other.ID != self && !other.Deleting() && other.Data.Service == e.Service && slices.Contains(other.Data.RouteTables, id) {
				return engine.Refuse("RouteAlreadyExists", "route table %s already has a route with destination-prefix-list-id %s", id, prefixList(e.Service))
			}
		}
		if !slices.Contains(e.RouteTables, id) {
			e.RouteTables = append(e.RouteTables, id)
		}
	}
	return nil
}

func modifyVpcEndpoint(c *engine.Call, in *ec2.ModifyVpcEndpointInput) (*ec2.ModifyVpcEndpointOutput, error) {
	r, err := Endpoints.Get(c, in.VpcEndpointId)
	if err != nil {
		return nil, err
	}
	e := r.Data
	e.RouteTables = slices.Clone(e.RouteTables)
	if err := e.serve(c, r.ID, in.AddRouteTableIds); err != nil {
		return nil, err
	}
	e.RouteTables = slices.DeleteFunc(e.RouteTables, func(id string) bool { return slices.Contains(in.RemoveRouteTableIds, id) })
	if in.PolicyDocument != nil {
		e.Policy = *in.PolicyDocument
	}
	r.Data = e
	Endpoints.Put(c, r)
	return &ec2.ModifyVpcEndpointOutput{Return: aws.Bool(true)}, nil
}

// deleteVpcEndpoints begins to delete each endpoint. The output lists ids that do not exist; the call succeeds
// nevertheless, as in AWS.
func deleteVpcEndpoints(c *engine.Call, in *ec2.DeleteVpcEndpointsInput) (*ec2.DeleteVpcEndpointsOutput, error) {
	out := &ec2.DeleteVpcEndpointsOutput{}
	for _, id := range in.VpcEndpointIds {
		r, err := Endpoints.Get(c, &id)
		if err != nil {
			out.Unsuccessful = append(out.Unsuccessful, types.UnsuccessfulItem{
				ResourceId: aws.String(id), Error: &types.UnsuccessfulItemError{Code: aws.String(engine.Code(err)), Message: aws.String(err.Error())},
			})
			continue
		}
		if !r.Deleting() {
			r.DeletedAt = c.After(latency.VPCEndpointDeleted, r.Name())
			r.GoneAt = r.DeletedAt
			Endpoints.Put(c, r)
			for _, eni := range r.Data.Interfaces {
				ReleaseInterface(c, eni, r.DeletedAt.Add(c.Latency(latency.VPCEndpointReleased, eni)))
			}
		}
	}
	return out, nil
}

// prefixList returns the id of the prefix list of a service.
func prefixList(service string) string {
	h := fnv.New32a()
	h.Write([]byte(service))
	return fmt.Sprintf("pl-%08x", h.Sum32())
}

func showVpcEndpoint(c *engine.Call, r *engine.Resource[Endpoint]) types.VpcEndpoint {
	return types.VpcEndpoint{
		VpcEndpointId: aws.String(r.ID), VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account), ServiceName: aws.String(r.Data.Service),
		VpcEndpointType: r.Data.endpointType(), State: types.State(r.State(c.Now())), RouteTableIds: slices.Clone(r.Data.RouteTables),
		SubnetIds: slices.Clone(r.Data.Subnets), NetworkInterfaceIds: slices.Clone(r.Data.Interfaces), Groups: endpointGroups(c, r.Data.Groups),
		PolicyDocument: aws.String(r.Data.Policy), CreationTimestamp: aws.Time(r.CreatedAt), Tags: ec2api.Tags(c.VisibleTags(&r.Metadata)),
	}
}

func endpointGroups(c *engine.Call, ids []string) (groups []types.SecurityGroupIdentifier) {
	for _, id := range ids {
		if g, ok := SecurityGroups.Find(c, id); ok {
			groups = append(groups, types.SecurityGroupIdentifier{GroupId: aws.String(id), GroupName: aws.String(g.Data.GroupName)})
		}
	}
	return groups
}
