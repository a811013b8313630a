#include <gatehouse/net/timer_wheel.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

using std::chrono::hours;

constexpr steady_time start{hours{1}};

/// Does what a test says when it fires.
class action final : public deadline {
 public:
  std::function<void()> then;
  int fired = 0;

 private:
  void expired() noexcept override {
    EXPECT_FALSE(is_set());
    ++fired;
    if (then) then();
  }
};

struct wheel_case {
  std::string_view name;
  milliseconds due, not_yet, fired;  // from the start
};

constexpr wheel_case cases[] = {
    {.name = "at a tick", .due = milliseconds{300}, .not_yet = milliseconds{299}, .fired = milliseconds{300}},
    {.name = "just after a tick waits for the next",
     .due = milliseconds{201},
     .not_yet = milliseconds{299},
     .fired = milliseconds{300}},
    {.name = "just before a tick", .due = milliseconds{299}, .not_yet = milliseconds{299}, .fired = milliseconds{300}},
    {.name = "now fires at the next tick",
     .due = milliseconds{0},
     .not_yet = milliseconds{99},
     .fired = milliseconds{100}},
    {.name = "the past fires at the next tick",
     .due = milliseconds{-5000},
     .not_yet = milliseconds{99},
     .fired = milliseconds{100}},
    {.name = "before the clock's epoch", .due = -hours{2}, .not_yet = milliseconds{99}, .fired = milliseconds{100}},
    {.name = "the wheel's last slot",
     .due = milliseconds{51'100},
     .not_yet = milliseconds{51'099},
     .fired = milliseconds{51'100}},
    {.name = "exactly one round",
     .due = milliseconds{51'200},
     .not_yet = milliseconds{51'199},
     .fired = milliseconds{51'200}},
    {.name = "one round and a tick",
     .due = milliseconds{51'300},
     .not_yet = milliseconds{51'299},
     .fired = milliseconds{51'300}},
    {.name = "many rounds", .due = hours{5}, .not_yet = hours{5} - milliseconds{1}, .fired = hours{5}},
};

TEST(timer_wheel, fires_never_early_and_at_most_a_tick_late) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    timer_wheel wheel(start);
    action a;
    wheel.set(a, start + c.due);
    EXPECT_TRUE(a.is_set());
    wheel.advance(start + c.not_yet);
    EXPECT_EQ(a.fired, 0);
    wheel.advance(start + c.fired);
    EXPECT_EQ(a.fired, 1);
    EXPECT_TRUE(wheel.empty());
  }
}

TEST(timer_wheel, a_long_sleep_fires_everything_in_order) {
  timer_wheel wheel(start);
  std::vector<int> order;
  action a, b, c;
  a.then = [&] { order.push_back(1); };
  b.then = [&] { order.push_back(2); };
  c.then = [&] { order.push_back(3); };
  wheel.set(c, start + hours{3});
  wheel.set(a, start + seconds{1});
  wheel.set(b, start + seconds{60});
  wheel.advance(start + hours{4});
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(timer_wheel, setting_again_moves) {
  timer_wheel wheel(start);
  action a;
  wheel.set(a, start + seconds{1});
  wheel.set(a, start + seconds{2});
  wheel.advance(start + seconds{1});
  EXPECT_EQ(a.fired, 0);
  wheel.set(a, start + milliseconds{1500});
  wheel.advance(start + milliseconds{1500});
  EXPECT_EQ(a.fired, 1);
  wheel.advance(start + seconds{3});
  EXPECT_EQ(a.fired, 1);
}

TEST(timer_wheel, moving_by_exactly_a_round_stays_in_the_slot) {
  timer_wheel wheel(start);
  action a;
  wheel.set(a, start + seconds{1});
  wheel.set(a, start + seconds{1} + timer_wheel::tick * 512);
  wheel.advance(start + seconds{50});
  EXPECT_EQ(a.fired, 0);
  wheel.advance(start + seconds{1} + timer_wheel::tick * 512);
  EXPECT_EQ(a.fired, 1);
}

TEST(timer_wheel, a_cleared_or_destroyed_deadline_is_forgotten) {
  timer_wheel wheel(start);
  action a;
  auto b = std::make_unique<action>();
  wheel.set(a, start + seconds{1});
  wheel.set(*b, start + seconds{1});
  a.clear();
  a.clear();
  b.reset();
  EXPECT_TRUE(wheel.empty());
  wheel.advance(start + seconds{2});
  EXPECT_EQ(a.fired, 0);
}

TEST(timer_wheel, a_deadline_may_outlive_the_wheel) {
  action a;
  {
    timer_wheel wheel(start);
    wheel.set(a, start + seconds{1});
  }
  EXPECT_FALSE(a.is_set());
}

TEST(timer_wheel, one_that_fires_may_clear_move_or_destroy_another_due_with_it) {
  timer_wheel wheel(start);
  action first, cleared, moved, last;
  auto destroyed = std::make_unique<action>();
  first.then = [&] {
    cleared.clear();
    wheel.set(moved, start + seconds{5});
    destroyed.reset();
  };
  for (action* a : {&first, &cleared, &moved}) wheel.set(*a, start + seconds{1});
  wheel.set(*destroyed, start + seconds{1});
  wheel.set(last, start + seconds{1});
  wheel.advance(start + seconds{1});
  EXPECT_EQ(first.fired, 1);
  EXPECT_EQ(cleared.fired, 0);
  EXPECT_EQ(moved.fired, 0);
  EXPECT_EQ(last.fired, 1);
  wheel.advance(start + seconds{5});
  EXPECT_EQ(moved.fired, 1);
}

TEST(timer_wheel, one_that_fires_may_set_itself_again) {
  timer_wheel wheel(start);
  action a;
  a.then = [&] { wheel.set(a, start + seconds{1} * (a.fired + 1)); };
  wheel.set(a, start + seconds{1});
  wheel.advance(start + seconds{10});
  EXPECT_EQ(a.fired, 10);
  a.then = [&] { wheel.set(a, start); };  // the past: once a tick, and advance() still returns
  wheel.advance(start + seconds{12});
  EXPECT_EQ(a.fired, 10 + 11);
}

TEST(timer_wheel, one_that_fires_may_destroy_itself) {
  timer_wheel wheel(start);
  auto a = std::make_unique<action>();
  a->then = [&] { a.reset(); };
  wheel.set(*a, start + seconds{1});
  wheel.advance(start + seconds{1});
  EXPECT_EQ(a, nullptr);
}

TEST(timer_wheel, time_that_stands_or_goes_back_fires_nothing) {
  timer_wheel wheel(start);
  action a;
  wheel.set(a, start + seconds{1});
  wheel.advance(start);
  wheel.advance(start - seconds{30});
  EXPECT_EQ(a.fired, 0);
  wheel.advance(start + seconds{1});
  EXPECT_EQ(a.fired, 1);
}

TEST(timer_wheel, the_observer_learns_of_the_first_deadline) {
  struct counter final : timer_wheel_observer {
    void on_first_deadline() noexcept override { ++times; }
    int times = 0;
  } seen;
  timer_wheel wheel(start);
  wheel.observer(seen);
  action a, b;
  wheel.set(a, start + seconds{1});
  wheel.set(b, start + seconds{2});
  EXPECT_EQ(seen.times, 1);
  wheel.advance(start + seconds{3});
  wheel.set(a, start + seconds{4});
  EXPECT_EQ(seen.times, 2);
}

/// What the wheel must do, said plainly: a sorted list of ticks.
class reference {
 public:
  void set(int id, std::uint64_t due) {
    clear(id);
    due_.emplace(due, id);
  }
  void clear(int id) {
    std::erase_if(due_, [&](const auto& entry) { return entry.second == id; });
  }
  /// The ids that fire at `tick`.
  std::vector<int> take(std::uint64_t tick) {
    std::vector<int> out;
    for (auto i = due_.begin(); i != due_.end() && i->first <= tick; i = due_.erase(i)) out.push_back(i->second);
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  std::multimap<std::uint64_t, int> due_;
};

TEST(timer_wheel, does_what_a_sorted_list_does) {
  std::mt19937 random(20240229);  // any seed; fixed, so that a failure can be repeated
  const auto pick = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  constexpr int count = 50;
  timer_wheel wheel(start);
  reference expected;
  std::vector<action> actions(count);
  std::vector<int> fired;
  std::uint64_t tick = 0;  // from the start
  const auto set_random = [&](int id) {
    const milliseconds due{pick(20) == 0 ? pick(300'000) : pick(3'000)};
    wheel.set(actions[static_cast<std::size_t>(id)], start + tick * timer_wheel::tick + due);
    expected.set(id, tick + std::max<std::uint64_t>(1, static_cast<std::uint64_t>((due.count() + 99) / 100)));
  };
  for (int id = 0; id < count; ++id) {
    actions[static_cast<std::size_t>(id)].then = [&, id] {
      fired.push_back(id);
      if (pick(2) == 0) set_random(id);
    };
  }
  for (int step = 0; step < 20'000; ++step) {
    const int id = pick(count);
    if (pick(4) == 0) {
      actions[static_cast<std::size_t>(id)].clear();
      expected.clear(id);
    } else {
      set_random(id);
    }
    if (pick(3) != 0) continue;
    ++tick;
    fired.clear();
    const std::vector<int> want = expected.take(tick);
    wheel.advance(start + tick * timer_wheel::tick + milliseconds{pick(100)});
    std::sort(fired.begin(), fired.end());
    ASSERT_EQ(fired, want) << "tick " << tick;
  }
}

}  // namespace
}  // namespace gatehouse
