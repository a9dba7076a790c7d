# A slow Sidekiq job.
require "sidekiq"

class SlowJob
  include Sidekiq::Worker

  sidekiq_options retry: false

  def perform
    File.write("started", "")
    sleep 0.02 until File.exist?("finish")
    File.write("finished", "")
  end
end
