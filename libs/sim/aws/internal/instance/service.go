package instance

import "github.com/skep-dev/skep/libs/sim/aws/internal/engine"

// AddTo adds the resource types and operations of instances and their volumes to EC2.
func AddTo(s *engine.Service) {
	s.Quotas["VCPUsPerRegion"] = 4096 // AWS: 5, raised with use; includes spot instances
	s.Quotas["LaunchTemplatesPerRegion"] = 5000
	s.AddTypes(Instances, reservations, LaunchTemplates, launchTemplateVersions, Volumes)
	engine.OnRestart(s, Instances, func(c *engine.Call, r *engine.Resource[Instance]) {
		if r.Deleting() {
			scheduleRelease(c, r)
		}
	})
	engine.OnRestart(s, Volumes, func(c *engine.Call, r *engine.Resource[Volume]) {
		if !r.Data.DetachedAt.IsZero() {
			scheduleDetach(c, r)
		}
	})
	handleImage(s)
	handleInstanceType(s)
	handleRunInstances(s)
	handleTerminateInstances(s)
	handleInstance(s)
	handleInstanceAttribute(s)
	handleInstanceStatus(s)
	handleLaunchTemplate(s)
	handleLaunchTemplateVersion(s)
	handleVolume(s)
	handleVolumeAttachment(s)
}
