package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// routeTable says where the traffic of its subnets goes. The main one of a VPC comes with it.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
type routeTable struct {
	VPC          string
	Main         bool
	Routes       []route // without the local ones and those of endpoints
	Associations []tableAssociation
}

func (t routeTable) Owner() string { return t.VPC }
func (t routeTable) DisplayName() string {
	if t.Main {
		return "main"
	}
	return ""
}

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

var routeTableFilters = filters[routeTable]{
	"route-table-id":             ofID[routeTable],
	"association.route-table-id": ofID[routeTable],
	"owner-id":                   ofAccount[routeTable],
	"vpc-id":                     one(func(t routeTable) string { return t.VPC }),
	"association.main":           yesNo(func(t routeTable) bool { return t.Main }),
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
		shown, next, err := describe(c, routeTables, routeTableFilters, query{in.RouteTableIds, in.Filters, in.MaxResults, in.NextToken}, showRouteTable)
		return &ec2.DescribeRouteTablesOutput{RouteTables: shown, NextToken: next}, err
	})
}

func createRouteTable(c *engine.Call, in *ec2.CreateRouteTableInput) (*ec2.CreateRouteTableOutput, error) {
	r, err := once(c, routeTables, in.ClientToken, in, func() (*engine.Resource[routeTable], error) {
		v, err := vpcs.Get(c, in.VpcId)
		if err != nil {
			return nil, err
		}
		tags, err := readTagSpecifications(c, in.TagSpecifications, routeTables.TagType)
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

// deleteRouteTable refuses while the table serves a subnet, or the whole VPC.
func deleteRouteTable(c *engine.Call, in *ec2.DeleteRouteTableInput) (*ec2.DeleteRouteTableOutput, error) {
	r, err := routeTables.Get(c, in.RouteTableId)
	if err != nil {
		return nil, err
	}
	if r.Data.Main || len(r.Data.Associations) > 0 {
		return nil, dependencyViolation("routeTable", r.ID)
	}
	for _, e := range vpcEndpoints.OwnedBy(c, r.Data.VPC) {
		e.Data.RouteTables = slices.DeleteFunc(e.Data.RouteTables, func(id string) bool { return id == r.ID })
		vpcEndpoints.Put(c, e)
	}
	routeTables.Delete(c, r)
	return &ec2.DeleteRouteTableOutput{}, nil
}

func showRouteTable(c *engine.Call, r *engine.Resource[routeTable]) types.RouteTable {
	shown := types.RouteTable{
		RouteTableId: aws.String(r.ID), VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account), Tags: ec2Tags(c.VisibleTags(&r.Metadata)),
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
