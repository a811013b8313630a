#pragma once
// Sizes that nobody configures and no answer shows, at which work is cut into pieces or memory is given back. Each has
// a second, tiny value for a build with GATEHOUSE_TINY_LIMITS (the preset `tiny`), in which ordinary tests cross it all
// the time. A test that depends on one takes it from here.
// Not in limits.hpp, so that layers which use none of them are the same in both builds.

#include <cstddef>
#include <cstdint>

namespace gatehouse {

#ifdef GATEHOUSE_TINY_LIMITS
inline constexpr bool tiny_limits = true;
#else
inline constexpr bool tiny_limits = false;
#endif

namespace detail {
constexpr std::size_t usual_or_tiny(std::size_t usual, std::size_t tiny) noexcept { return tiny_limits ? tiny : usual; }
}  // namespace detail

// ---- net ----
// What one system call receives and sends at most: usually as much as there is room, or pieces.
inline constexpr std::size_t max_received_at_once = detail::usual_or_tiny(SIZE_MAX, 251);
inline constexpr std::size_t max_sent_at_once = detail::usual_or_tiny(SIZE_MAX, 2'039);
// How often a connection receives, and a listener accepts, before the others have their turn.
inline constexpr std::size_t receives_in_a_row = detail::usual_or_tiny(8, 1);
inline constexpr std::size_t accepts_in_a_row = detail::usual_or_tiny(16, 1);
inline constexpr std::size_t timer_slots = detail::usual_or_tiny(512, 3);
inline constexpr std::size_t max_resolver_threads = detail::usual_or_tiny(4, 1);  // of one loop; more look-ups wait
// Names come from configurations, so only many reloads make more; old ones are dropped then.
inline constexpr std::size_t max_known_names = detail::usual_or_tiny(256, 1);

// ---- server ----
// The blocks that heads, contents and files pass through; what does not fit takes a large one, or several turns.
inline constexpr std::size_t standard_block_bytes = detail::usual_or_tiny(std::size_t{32} * 1024, 1'024);
// Up to here content is copied behind its head: cheaper than another piece of the system call.
inline constexpr std::size_t max_copied_content = detail::usual_or_tiny(4'096, 16);
// A head of ours when nothing of it comes from a handler: rendered without a second try.
inline constexpr std::size_t usual_response_head = detail::usual_or_tiny(4'096, 128);
// What a thread keeps to use again; what is above goes back to the system.
inline constexpr std::size_t max_kept_blocks = detail::usual_or_tiny(256, 4);
inline constexpr std::size_t max_kept_large_blocks = detail::usual_or_tiny(16, 1);
inline constexpr std::size_t max_kept_exchanges = detail::usual_or_tiny(128, 1);  // of one worker
// What a pushed stream holds for a slow client before its writer has to wait.
inline constexpr std::size_t stream_channel_room = detail::usual_or_tiny(std::size_t{64} * 1024, 1'021);
// What a response that is made on the go writes before the others of its loop have their turn.
inline constexpr std::size_t bytes_a_turn = detail::usual_or_tiny(std::size_t{256} * 1024, 1);
// What each loop keeps of its latest decisions, for `gatehouse explain`: about 2,000 refusals.
inline constexpr std::size_t decision_ring_bytes = detail::usual_or_tiny(std::size_t{512} * 1024,
                                                                         std::size_t{16} * 1024);
inline constexpr std::size_t log_batch_bytes = detail::usual_or_tiny(std::size_t{64} * 1024, 16);

// ---- proxy ----
inline constexpr std::size_t max_known_services = detail::usual_or_tiny(256, 1);  // forgotten ones are found again
// More than that, and those without a connection are dropped.
inline constexpr std::size_t max_upstream_pools = detail::usual_or_tiny(1'024, 1);
inline constexpr std::size_t max_kept_tunnel_rest = detail::usual_or_tiny(4'096, 1);

}  // namespace gatehouse
