# A slow Sidekiq job; being interrupted it takes its time as well.
require "sidekiq"

class SlowJob
  include Sidekiq::Worker

  sidekiq_options retry: false

  def perform
    File.write("started", "")
    sleep 0.02 until File.exist?("finish")
    File.write("finished", "")
  ensure
    sleep 0.02 until File.exist?("finish")
  end
end
