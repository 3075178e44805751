package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// routeTable says where the traffic of its subnets goes. The main one of a VPC comes with it.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
type routeTable struct {
	VPC          string
	Main         bool
	Routes       []route // without the local ones and those of endpoints
	Associations []tableAssociation
}

func (t routeTable) owner() string { return t.VPC }
func (t routeTable) name() string {
	if t.Main {
		return "main"
	}
	return ""
}

func (t routeTable) text(name func(id string) string) string {
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

var routeTables = register(kind[routeTable]{
	service: "EC2", name: "RouteTable", noun: "routeTable ID", prefix: "rtb", tagged: "route-table",
	missing: "InvalidRouteTableID.NotFound", malformed: "InvalidRouteTableId.Malformed",
})

var routeTableFilters = filters[routeTable]{
	"route-table-id":             ofID[routeTable],
	"association.route-table-id": ofID[routeTable],
	"owner-id":                   ofAccount[routeTable],
	"vpc-id":                     one(func(t routeTable) string { return t.VPC }),
	"association.main":           yesNo(func(t routeTable) bool { return t.Main }),
	"association.subnet-id": func(_ *call, r *row[routeTable]) (ids []string) {
		for _, a := range r.Data.Associations {
			ids = append(ids, a.Subnet)
		}
		return ids
	},
	"association.route-table-association-id": func(_ *call, r *row[routeTable]) (ids []string) {
		for _, a := range r.Data.Associations {
			ids = append(ids, a.ID)
		}
		return ids
	},
	"route.destination-cidr-block": func(_ *call, r *row[routeTable]) (blocks []string) {
		for _, to := range r.Data.Routes {
			blocks = append(blocks, to.Destination)
		}
		return blocks
	},
	"route.nat-gateway-id": func(_ *call, r *row[routeTable]) (ids []string) {
		for _, to := range r.Data.Routes {
			ids = append(ids, to.NATGateway)
		}
		return ids
	},
	"route.gateway-id": func(_ *call, r *row[routeTable]) []string {
		ids := []string{"local"}
		for _, to := range r.Data.Routes {
			ids = append(ids, to.Gateway)
		}
		return ids
	},
}

func init() {
	handle("EC2", "CreateRouteTable", fields{"VpcId", "ClientToken", "TagSpecifications"}, createRouteTable)
	handle("EC2", "DeleteRouteTable", fields{"RouteTableId"}, deleteRouteTable)
	handle("EC2", "DescribeRouteTables", fields{"Filters", "MaxResults", "NextToken", "RouteTableIds"}, func(c *call, in *ec2.DescribeRouteTablesInput) (*ec2.DescribeRouteTablesOutput, error) {
		shown, next, err := describe(c, routeTables, routeTableFilters, query{in.RouteTableIds, in.Filters, in.MaxResults, in.NextToken}, showRouteTable)
		return &ec2.DescribeRouteTablesOutput{RouteTables: shown, NextToken: next}, err
	})
}

func createRouteTable(c *call, in *ec2.CreateRouteTableInput) (*ec2.CreateRouteTableOutput, error) {
	r, err := once(c, routeTables, in.ClientToken, in, func() (*row[routeTable], error) {
		v, err := vpcs.get(c, in.VpcId)
		if err != nil {
			return nil, err
		}
		tags, err := c.tagsOn(in.TagSpecifications, routeTables.tagged)
		if err != nil {
			return nil, err
		}
		if err := c.full("RouteTablesPerVpc", len(routeTables.of(c, v.ID)), "RouteTableLimitExceeded", "The maximum number of route tables has been reached."); err != nil {
			return nil, err
		}
		return routeTables.create(c, "", routeTable{VPC: v.ID}, tags), nil
	})
	if err != nil {
		return nil, err
	}
	return &ec2.CreateRouteTableOutput{RouteTable: new(showRouteTable(c, r)), ClientToken: in.ClientToken}, nil
}

func createMainTable(c *call, vpc string) {
	r := routeTables.create(c, "", routeTable{VPC: vpc, Main: true}, nil)
	r.CreatedBy = byAWS
	routeTables.put(c, r)
}

// deleteRouteTable refuses while the table serves a subnet, or the whole VPC.
func deleteRouteTable(c *call, in *ec2.DeleteRouteTableInput) (*ec2.DeleteRouteTableOutput, error) {
	r, err := routeTables.get(c, in.RouteTableId)
	if err != nil {
		return nil, err
	}
	if r.Data.Main || len(r.Data.Associations) > 0 {
		return nil, dependency("routeTable", r.ID)
	}
	for _, e := range vpcEndpoints.of(c, r.Data.VPC) {
		e.Data.RouteTables = slices.DeleteFunc(e.Data.RouteTables, func(id string) bool { return id == r.ID })
		vpcEndpoints.put(c, e)
	}
	routeTables.delete(c, r)
	return &ec2.DeleteRouteTableOutput{}, nil
}

func showRouteTable(c *call, r *row[routeTable]) types.RouteTable {
	shown := types.RouteTable{
		RouteTableId: aws.String(r.ID), VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account), Tags: ec2Tags(c.shown(&r.meta)),
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
