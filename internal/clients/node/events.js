// Reads the first event of a stream with the npm package eventsource.
import { EventSource } from 'eventsource';

const source = new EventSource(process.argv[2] + '/v1/widgets/support/events');
source.addEventListener('message', (event) => fail('an event without a name: ' + JSON.stringify(event)));
source.addEventListener('error', (event) => fail(event.message));
source.addEventListener('snapshot', (event) => {
  const snapshot = JSON.parse(event.data);
  if (snapshot.id !== 'support' || !event.lastEventId) fail('the event is ' + event.data);
  source.close();
});

function fail(why) {
  console.error(why);
  process.exit(1);
}
