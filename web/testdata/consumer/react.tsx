// An app that uses the package with React: it has to compile, and what is wrong has to be told.
import { createRef } from 'react';
import type { WaitTime as WaitTimeElement } from '@waitboard/wait-time';
import { WaitTime, type WaitTimeProps } from '@waitboard/wait-time/react';

const api = 'https://wait.example.com';
const ref = createRef<WaitTimeElement>();
const props: WaitTimeProps = { api, widget: 'support', metric: 'wait', theme: 'dark', locale: 'de' };

export const all = [
  <WaitTime {...props} ref={ref} className="wide" style={{ maxWidth: '30em' }} />,
  <WaitTime api={api} widget="support" onUpdate={event => event.detail.metrics[0]?.text} onError={event => console.log(event.detail)}>
    One moment
  </WaitTime>,
  <wait-time api={api} widget="support" layout="bare" ref={ref} class="wide" {...{ 'onwait-time:update': () => {} }} />,
  <wait-time api={api} widget="support" onwait-time:update={event => event.detail.state} />,
  // @ts-expect-error The widget is missing.
  <WaitTime api={api} />,
  // @ts-expect-error There is no such theme.
  <wait-time api={api} widget="support" theme="pink" />,
  // @ts-expect-error A handler takes the event, not the snapshot.
  <WaitTime api={api} widget="support" onUpdate={(snapshot: string) => snapshot} />,
];
