package vpc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// routeTable holds the routes for the traffic of its subnets. AWS creates the main route table with the VPC.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
type routeTable struct {
	VPC          string
	Main         bool
	Routes       []route // without local routes and those of endpoints
	Associations []tableAssociation
}

// Owner implements engine.Attributes.
func (t routeTable) Owner() string { return t.VPC }

// DisplayName implements engine.Named.
func (t routeTable) DisplayName() string {
	if t.Main {
		return "main"
	}
	return ""
}

// Summary implements engine.Attributes.
func (t routeTable) Summary(name func(id string) string) string {
	var parts []string
	for _, r := range t.Routes {
		parts = append(parts, fmt.Sprintf("%s via %s", r.Destination, name(r.target())))
	}
	for _, a := range t.Associations {
		parts = append(parts, "for "+name(a.Subnet))
	}
	slices.Sort(parts)
	return strings.Join(append([]string{"in " + name(t.VPC)}, parts...), ", ")
}

var routeTables = engine.NewType[routeTable](engine.Type{
	Service: "EC2", Name: "RouteTable", Noun: "routeTable ID", Prefix: "rtb", TagType: "route-table",
	NotFound: "InvalidRouteTableID.NotFound", Malformed: "InvalidRouteTableId.Malformed",
})

var routeTableFilters = ec2api.Filters[routeTable]{
	"route-table-id":             ec2api.ByID[routeTable],
	"association.route-table-id": ec2api.ByID[routeTable],
	"owner-id":                   ec2api.ByAccount[routeTable],
	"vpc-id":                     ec2api.ByText(func(t routeTable) string { return t.VPC }),
	"association.main":           ec2api.ByBool(func(t routeTable) bool { return t.Main }),
	"association.subnet-id": func(_ *engine.Call, r *engine.Resource[routeTable]) (ids []string) {
		for _, a := range r.Data.Associations {
			ids = append(ids, a.Subnet)
		}
		return ids
	},
	"association.route-table-association-id": func(_ *engine.Call, r *engine.Resource[routeTable]) (ids []string) {
		for _, a := range r.Data.Associations {
			ids = append(ids, a.ID)
		}
		return ids
	},
	"route.destination-cidr-block": func(_ *engine.Call, r *engine.Resource[routeTable]) (blocks []string) {
		for _, to := range r.Data.Routes {
			blocks = append(blocks, to.Destination)
		}
		return blocks
	},
	"route.nat-gateway-id": func(_ *engine.Call, r *engine.Resource[routeTable]) (ids []string) {
		for _, to := range r.Data.Routes {
			ids = append(ids, to.NATGateway)
		}
		return ids
	},
	"route.gateway-id": func(_ *engine.Call, r *engine.Resource[routeTable]) []string {
		ids := []string{"local"}
		for _, to := range r.Data.Routes {
			ids = append(ids, to.Gateway)
		}
		return ids
	},
}

func handleRouteTable(s *engine.Service) {
	engine.Handle(s, "CreateRouteTable", engine.Fields{"VpcId", "ClientToken", "TagSpecifications"}, createRouteTable)
	engine.Handle(s, "DeleteRouteTable", engine.Fields{"RouteTableId"}, deleteRouteTable)
	engine.Handle(s, "DescribeRouteTables", engine.Fields{"Filters", "MaxResults", "NextToken", "RouteTableIds"}, func(c *engine.Call, in *ec2.DescribeRouteTablesInput) (*ec2.DescribeRouteTablesOutput, error) {
		shown, next, err := ec2api.Describe(c, routeTables, routeTableFilters, ec2api.Query{IDs: in.RouteTableIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}, showRouteTable)
		return &ec2.DescribeRouteTablesOutput{RouteTables: shown, NextToken: next}, err
	})
}

func createRouteTable(c *engine.Call, in *ec2.CreateRouteTableInput) (*ec2.CreateRouteTableOutput, error) {
	r, err := ec2api.Once(c, routeTables, in.ClientToken, in, func() (*engine.Resource[routeTable], error) {
		v, err := VPCs.Get(c, in.VpcId)
		if err != nil {
			return nil, err
		}
		tags, err := ec2api.ReadTags(c, in.TagSpecifications, routeTables.TagType)
		if err != nil {
			return nil, err
		}
		if err := c.CheckQuota("RouteTablesPerVpc", len(routeTables.OwnedBy(c, v.ID)), "RouteTableLimitExceeded", "The maximum number of route tables has been reached."); err != nil {
			return nil, err
		}
		return routeTables.Create(c, "", routeTable{VPC: v.ID}, tags), nil
	})
	if err != nil {
		return nil, err
	}
	return &ec2.CreateRouteTableOutput{RouteTable: new(showRouteTable(c, r)), ClientToken: in.ClientToken}, nil
}

func createMainTable(c *engine.Call, vpc string) {
	r := routeTables.Create(c, "", routeTable{VPC: vpc, Main: true}, nil)
	r.CreatedBy = engine.ByAWS
	routeTables.Put(c, r)
}

// deleteRouteTable refuses while the table is associated with a subnet, or is the main table.
func deleteRouteTable(c *engine.Call, in *ec2.DeleteRouteTableInput) (*ec2.DeleteRouteTableOutput, error) {
	r, err := routeTables.Get(c, in.RouteTableId)
	if err != nil {
		return nil, err
	}
	if r.Data.Main || len(r.Data.Associations) > 0 {
		return nil, ec2api.DependencyViolation("routeTable", r.ID)
	}
	for _, e := range Endpoints.OwnedBy(c, r.Data.VPC) {
		e.Data.RouteTables = slices.DeleteFunc(e.Data.RouteTables, func(id string) bool { return id == r.ID })
		Endpoints.Put(c, e)
	}
	routeTables.Delete(c, r)
	return &ec2.DeleteRouteTableOutput{}, nil
}

func showRouteTable(c *engine.Call, r *engine.Resource[routeTable]) types.RouteTable {
	shown := types.RouteTable{
		RouteTableId: aws.String(r.ID), VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account), Tags: ec2api.Tags(c.VisibleTags(&r.Metadata)),
		Routes: showRoutes(c, r),
	}
	if r.Data.Main {
		shown.Associations = append(shown.Associations, types.RouteTableAssociation{
			Main: aws.Bool(true), RouteTableId: aws.String(r.ID), RouteTableAssociationId: aws.String("rtbassoc-" + strings.TrimPrefix(r.ID, "rtb-")),
			AssociationState: &types.RouteTableAssociationState{State: types.RouteTableAssociationStateCodeAssociated},
		})
	}
	for _, a := range r.Data.Associations {
		shown.Associations = append(shown.Associations, types.RouteTableAssociation{
			Main: aws.Bool(false), RouteTableId: aws.String(r.ID), RouteTableAssociationId: aws.String(a.ID), SubnetId: aws.String(a.Subnet),
			AssociationState: &types.RouteTableAssociationState{State: types.RouteTableAssociationStateCodeAssociated},
		})
	}
	return shown
}
